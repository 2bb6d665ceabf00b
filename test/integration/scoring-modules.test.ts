import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdir } from 'node:fs/promises';
import { GetScoresResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { createCli } from '../support/cli.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { createWorld, repositoryFile } from '../support/world.ts';

/** Scores nodes by the last digit of their names: no signal is needed, and everybody can check it. */
const lastDigit = `
export const scoringAdapters = [
  {
    name: 'last-digit',
    description: 'For tests: the last digit of the name of the node, in tenths.',
    needs: ['last_digit'],
    parameters: [],
    score({ nodes }) {
      const digits = nodes.map((node) => node.signals.last_digit ?? Number.NaN);
      const distress = Float64Array.from(digits, (digit) => Math.min(1, Math.max(0, digit / 10)));
      return { distress, evidence: Float64Array.from(digits), evidenceUnit: 'digit' };
    },
  },
];
`;
const policy = (adapter: string): string => `apiVersion: meshkit.rebalancer/v1
kind: Policy
cluster: test
namespace: orders
spec:
  scoring: { adapters: [{ name: ${adapter}, weight: 1, floor: 0 }], combine: max, maxDerate: 0.5 }
`;

let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('a scoring module', () => {
  test('that the configuration names is loaded by the executable and scores the fleet', async () => {
    const module = await folder.write('last-digit.ts', lastDigit);
    await using world = await createWorld({
      serve: ['--scoring-module', module],
      policy: policy('last-digit'),
    });
    const { nodes } = await world.cli.read(GetScoresResponseSchema, ['controllers', 'scores']);
    expect(nodes.length).toBe(6);
    expect(nodes.every((node) => node.adapters.map((each) => each.adapter).join() === 'last-digit')).toBe(
      true,
    );
    expect(await world.cli.run(['controllers', 'scores'])).toContain('LAST-DIGIT');
    const [unknown] = await world.cli.refused(
      ['policies', 'apply', await world.folder.write('other.yaml', policy('disk-wear')), '--yes'],
      { exit: 2 },
    );
    expect(unknown?.code).toBe('POLICY_ADAPTER_UNKNOWN');
  });

  test('of the documentation is loaded as well, relative to the configuration file', async () => {
    await mkdir(folder.file('etc'));
    const source = await Bun.file(repositoryFile('docs', 'examples', 'scoring', 'disk-wear.ts')).text();
    await folder.write('etc/disk-wear.ts', source);
    const config = await folder.write('etc/mesh.yaml', 'scoringModules: [disk-wear.ts]\n');
    await using world = await createWorld({ serve: ['--config', config], policy: policy('disk-wear') });
    const { nodes } = await world.cli.read(GetScoresResponseSchema, ['controllers', 'scores']);
    // Nobody measures that signal here: what is not measured is not scored.
    expect(nodes.map((node) => node.adapters[0]?.distress)).toEqual(nodes.map(() => undefined));
  });

  test.each([
    ['does not exist', undefined],
    ['is no program', 'export const ='],
    ['exports no adapters', 'export const adapters = [];'],
    ['throws', 'throw new Error("no");'],
    ['takes the name of a built-in adapter', lastDigit.replaceAll('last-digit', 'latency')],
    ['answers distress above 1', lastDigit.replace('Math.min(1, Math.max(0, digit / 10))', 'digit + 7')],
    ['answers differently every time', lastDigit.replace('digit / 10', 'digit / 10 * Math.random()')],
  ])('that %s is refused before anything starts', async (what, source) => {
    const file = folder.file(`bad-${what.replaceAll(' ', '-')}.ts`);
    if (source !== undefined) await Bun.write(file, source);
    const [problem] = await createCli().refused(
      [
        ...['rebalancer', 'serve', '--dev', '--listen', '127.0.0.1:0', '--fleet', 'http://127.0.0.1:1'],
        ...['--data-dir', folder.file('never'), '--scoring-module', file],
      ],
      { exit: 2 },
    );
    expect(problem?.code).toBe('SCORING_MODULE_INVALID');
    expect(problem?.message).toContain(file);
  });
});
