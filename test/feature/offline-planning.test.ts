import { expect, test } from 'bun:test';
import { PlanFileSchema, PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { createCli } from '../support/cli.ts';
import { repositoryFile } from '../support/world.ts';
import { unevenFleet } from './brisk-policy.ts';
import { planOf, startFlow } from './flow.ts';

test('a plan for an exported snapshot needs no service, and is the same every time', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy: 'orders.yaml' });
  const snapshot = flow.folder.file('orders.json');
  await flow.cli.run(['snapshot', 'export', '--out', snapshot]);

  // Nothing listens at this address.
  const alone = createCli({ address: 'http://127.0.0.1:1', folder: flow.folder.path });
  const policy = repositoryFile('policies', 'orders.yaml');
  const plan = ['shards', 'rebalance', 'plan', '--snapshot', snapshot, '--policy', policy];
  const first = await alone.run([...plan, '-o', 'json']);
  expect(await alone.run([...plan, '-o', 'json'])).toBe(first);

  const file = await alone.read(PlanFileSchema, plan);
  expect(planOf(file).status).toBe(PlanStatus.DRAFT);
  expect(file.moves.length).toBe(Number(planOf(file).summary?.moves));
  expect(file.moves.length).toBeGreaterThan(0);
  expect((await flow.fleet()).executedMoves).toBe(0);
});
