import { describe, expect, test } from 'bun:test';
import { parseConfigFile, resolveConfig } from './config.ts';

const fleet = 'http://127.0.0.1:7500';

function problemsOf(input: Parameters<typeof resolveConfig>[0]): readonly { code: string; field?: string }[] {
  const result = resolveConfig(input, '/somewhere');
  return result.ok ? [] : result.error;
}

describe('resolveConfig', () => {
  test('needs only the fleet and fills in the rest', () => {
    const result = resolveConfig({ fleet: `${fleet}/` }, '/somewhere');
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    expect(result.value.endpoints.mover).toBe(fleet);
    expect(result.value.dataDir).toBe('/somewhere/mesh-data');
    expect(result.value).toMatchObject({
      cluster: 'local',
      namespaces: ['default'],
      host: '127.0.0.1',
      port: 7443,
      dev: false,
    });
  });

  test('lets a source have an address of its own', () => {
    const result = resolveConfig({ fleet, sources: { peers: 'http://gossip:9000' } }, '/');
    expect(result.ok && result.value.endpoints).toMatchObject({ peers: 'http://gossip:9000', shards: fleet });
  });

  test('with dev means the simulated fleet where none is named', () => {
    const result = resolveConfig({ dev: true }, '/');
    expect(result.ok && result.value.endpoints).toMatchObject({ shards: fleet, mover: fleet });
    const other = resolveConfig({ dev: true, fleet: 'http://127.0.0.1:7600' }, '/');
    expect(other.ok && other.value.endpoints.loads).toBe('http://127.0.0.1:7600');
  });

  test('lets every source but the mover be pushed, and then needs no fleet', () => {
    const sources = { shards: 'push', loads: 'push', peers: 'push', backpressure: 'push', mover: fleet };
    const result = resolveConfig({ sources }, '/');
    expect(result.ok && result.value.endpoints).toEqual({ ...sources });
    expect(problemsOf({ sources: { ...sources, mover: 'push' } })).toEqual([
      expect.objectContaining({ code: 'CONFIG_INVALID', field: 'sources.mover' }),
    ]);
    expect(problemsOf({ fleet, sources: { peers: 'pull' } })).toEqual([
      expect.objectContaining({ field: 'sources.peers', limit: expect.stringContaining('push') }),
    ]);
  });

  test.each([
    ['cluster', { fleet, cluster: 'Not A Name' }],
    ['namespaces', { fleet, namespaces: [] }],
    ['namespaces', { fleet, namespaces: ['a', 'a'] }],
    ['dataDir', { fleet, dataDir: 7 }],
    ['listen', { fleet, listen: '127.0.0.1:70000' }],
    ['dev', { fleet, dev: 'yes' }],
    ['fleet', {}],
    ['fleet', { fleet: 'ftp://x' }],
    ['sources.nodes', { fleet, sources: { nodes: fleet } }],
    ['scoringModules', { fleet, scoringModules: 'one.ts' }],
    ['plannerModules', { fleet, plannerModules: [''] }],
    ['retainedEvents', { fleet, retainedEvents: 1 }],
    ['logLevel', { fleet, logLevel: 'loud' }],
  ])('refuses a wrong %s and names the field', (field, input) => {
    expect(problemsOf(input)).toEqual([expect.objectContaining({ code: 'CONFIG_INVALID', field })]);
  });

  test('names everything that is wrong at once', () => {
    expect(problemsOf({ fleet, cluster: '', dev: 1, listen: 'x' })).toHaveLength(3);
  });
});

test('a configuration file with a misspelt field is refused by name', () => {
  const result = parseConfigFile('cluster: a\nnamespace: [b]\n');
  expect(result).toMatchObject({ ok: false, error: [{ code: 'FIELD_UNKNOWN', field: 'namespace' }] });
});

test('a configuration file that is not YAML says where', () => {
  expect(parseConfigFile('a: [')).toMatchObject({ ok: false, error: [{ code: 'INPUT_MALFORMED' }] });
  expect(parseConfigFile('- a')).toMatchObject({ ok: false, error: [{ code: 'INPUT_MALFORMED' }] });
});
