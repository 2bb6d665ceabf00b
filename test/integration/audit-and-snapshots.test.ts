import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { fromJsonString } from '@bufbuild/protobuf';
import { PlanFileSchema } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import {
  ExportAssignmentResponseSchema,
  type Placement,
} from '../../src/gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { readAudit } from '../support/audit.ts';
import { type Cli, createCli } from '../support/cli.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, namespace, startFleet, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
  const { cli } = world;
  await cli.run(['peers', 'cordon', 'n0001', '--reason', 'a "quoted" reason, with ünïcode'], { as: 'olga' });
  await cli.run(['peers', 'uncordon', 'n0001'], { as: 'olga' });
  await cli.run(['incidents', 'open', 'trouble', '--ticket', 'CHG-9']);
  await cli.run(['audit', 'export', '--out', 'trail.jsonl']);
});
afterAll(() => world[Symbol.asyncDispose]());

describe('an exported audit trail', () => {
  /** Writes the trail anew with one change and says what verifying it answers. */
  async function verifyChanged(change: (lines: string[]) => readonly string[]): Promise<string> {
    const { cli, folder } = world;
    const text = await Bun.file(folder.file('trail.jsonl')).text();
    const lines = text.split('\n').filter((line) => line !== '');
    await folder.write('changed.jsonl', `${change(lines).join('\n')}\n`);
    const [problem] = await cli.refused(['audit', 'verify', '--file', 'changed.jsonl'], { exit: 5 });
    return problem?.code ?? '';
  }

  test('verifies anywhere, without a service', async () => {
    const anywhere = createCli({ folder: world.folder.path });
    expect(await anywhere.run(['audit', 'verify', '--file', 'trail.jsonl'])).toMatch(
      /^The chain of \d+ records is whole/,
    );
  });

  test('has what the service lists', async () => {
    const { cli, folder } = world;
    const text = await Bun.file(folder.file('trail.jsonl')).text();
    const exported = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { hash: string });
    const listed = await readAudit(cli);
    expect(exported.map((each) => each.hash)).toEqual(
      listed.slice(0, exported.length).map((each) => each.hash),
    );
  });

  test('in which a word was changed is broken', async () => {
    const changed = (lines: string[]) => lines.map((line) => line.replace('"olga"', '"nobody"'));
    expect(await verifyChanged(changed)).toBe('AUDIT_CHAIN_BROKEN');
  });

  test('from which a record was taken out is broken', async () => {
    expect(await verifyChanged((lines) => lines.toSpliced(1, 1))).toBe('AUDIT_CHAIN_BROKEN');
  });

  test('whose records were put in another order is broken', async () => {
    const swapped = ([first = '', second = '', ...others]: string[]) => [second, first, ...others];
    expect(await verifyChanged(swapped)).toBe('AUDIT_CHAIN_BROKEN');
  });
});

test('the audit list filters by who, what and about what', async () => {
  const { cli } = world;
  expect((await readAudit(cli, ['--actor', 'olga'])).length).toBe(2);
  expect((await readAudit(cli, ['--subject', 'node/n0001'])).map((each) => each.actor)).toEqual([
    'olga',
    'olga',
  ]);
  expect((await readAudit(cli, ['--action', 'incident.open'])).map((each) => each.changeTicket)).toEqual([
    'CHG-9',
  ]);
  const all = await readAudit(cli);
  const last = all.at(-1)?.sequence ?? 0n;
  expect((await readAudit(cli, ['--after', String(last - 1n)])).map((each) => each.sequence)).toEqual([last]);
});

describe('an exported snapshot', () => {
  test('starts a fleet with the same placement', async () => {
    const { cli, folder } = world;
    const { plan } = await cli.read(PlanFileSchema, ['shards', 'rebalance', 'plan', '--dry-run']);
    const digest = plan?.snapshotDigest ?? '';
    await cli.run(['snapshot', 'export', '--digest', digest, '--out', 'fleet.binpb']);
    const second = await startFleet({ snapshot: folder.file('fleet.binpb') });
    try {
      const there = createCli({ fleet: second.url, folder: folder.path });
      expect(await placements(there, 'second.json')).toEqual(await placements(cli, 'first.json'));
    } finally {
      await second.stop();
    }
  });

  test('of a namespace that the service does not know is refused', async () => {
    const [problem] = await world.cli.refused(['snapshot', 'show', '--namespace', 'nowhere'], { exit: 4 });
    expect(problem?.code).toBe('NAMESPACE_NOT_FOUND');
  });

  test('that nobody took is not found', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const [problem] = await world.cli.refused(['snapshot', 'show', '--digest', digest], { exit: 4 });
    expect(problem?.code).toBe('SNAPSHOT_NOT_FOUND');
  });

  test('goes to a path that can be written', async () => {
    const [problem] = await world.cli.refused(
      ['snapshot', 'export', '--namespace', namespace, '--out', 'no/such/folder/fleet.json'],
      { exit: 2 },
    );
    expect(problem?.code).toBe('FILE_UNREADABLE');
  });

  async function placements(cli: Cli, name: string): Promise<readonly Placement[]> {
    await cli.run(['fleet', 'export', '--out', name]);
    const text = await Bun.file(world.folder.file(name)).text();
    return fromJsonString(ExportAssignmentResponseSchema, text).placements;
  }
});
