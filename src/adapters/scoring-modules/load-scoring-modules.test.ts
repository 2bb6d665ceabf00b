import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkScoringAdapter } from '../../scoring/conformance.ts';
import { loadScoringModules } from './load-scoring-modules.ts';

const directory = mkdtempSync(join(tmpdir(), 'scoring-modules-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const repository = resolve(import.meta.dir, '../../..');
const example = 'docs/examples/scoring/disk-wear.ts';

function moduleOf(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return name;
}

async function messagesOf(path: string, taken: readonly string[] = []): Promise<string[]> {
  const loaded = await loadScoringModules([path], directory, taken);
  if (loaded.ok) throw new Error('the module was loaded');
  expect(loaded.error.every((each) => each.code === 'SCORING_MODULE_INVALID')).toBe(true);
  return loaded.error.map((each) => each.message);
}

const adapterText = (rest: string): string => `
  export const scoringAdapters = [{
    name: 'probe',
    description: 'A probe.',
    needs: ['s'],
    parameters: [],
    score: ({ nodes }) => {
      const evidence = Float64Array.from(nodes, (node) => node.signals.s ?? NaN);
      return { distress: evidence.map((each) => Math.min(1, each)), evidence, evidenceUnit: 's' };
    },
    ${rest}
  }];`;

describe('a scoring module', () => {
  test('in TypeScript is loaded by a path relative to the configuration, and conforms', async () => {
    const loaded = await loadScoringModules([example], repository, ['latency']);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    expect(loaded.value.map((each) => each.name)).toEqual(['disk-wear']);
    for (const adapter of loaded.value) expect(checkScoringAdapter(adapter, { fleets: 300 })).toEqual([]);
  });

  test('in JavaScript is loaded by an absolute path', async () => {
    const path = join(directory, moduleOf('good.mjs', adapterText('')));
    const loaded = await loadScoringModules([path], '/', []);
    expect(loaded.ok && loaded.value[0]?.name).toBe('probe');
  });

  test('that does not exist is refused, naming the file', async () => {
    expect((await messagesOf('missing.ts'))[0]).toContain(join(directory, 'missing.ts'));
  });

  test('that does not parse, or throws while it loads, is refused', async () => {
    expect((await messagesOf(moduleOf('broken.ts', 'export const = ;')))[0]).toContain('cannot be loaded');
    expect((await messagesOf(moduleOf('throws.ts', "throw new Error('boom');")))[0]).toContain('boom');
  });

  test('without the export is refused', async () => {
    const [message] = await messagesOf(moduleOf('other.ts', 'export const adapters = [];'));
    expect(message).toContain('does not export `scoringAdapters`');
  });

  test('whose adapter lacks its parts is told all of them', async () => {
    const path = moduleOf(
      'shape.mjs',
      "export const scoringAdapters = [{ name: 7, parameters: [{ name: 'p' }] }];",
    );
    const text = (await messagesOf(path)).join('\n');
    for (const part of [
      'name is a number',
      'description is missing',
      'score is missing',
      'needs is missing',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('parameters[0].maximum is missing, not a number');
  });

  test('whose adapter breaks the contract is told which promise', async () => {
    const wild =
      'score: ({ nodes }) => ({ distress: new Float64Array(nodes.length).fill(2), evidence: new Float64Array(nodes.length), evidenceUnit: "" }),';
    expect((await messagesOf(moduleOf('wild.mjs', adapterText(wild)))).join('\n')).toContain('fails range');
  });

  test('whose name is taken is refused', async () => {
    const path = moduleOf('taken.mjs', adapterText(''));
    expect((await messagesOf(path, ['probe']))[0]).toContain('name that is taken');
  });
});
