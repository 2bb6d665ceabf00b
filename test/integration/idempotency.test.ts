import { describe, expect, test } from 'bun:test';
import { clientErrorOf, type MeshClientError } from '../../src/client/client-error.ts';
import { ListPlansResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { connectTo } from '../support/client.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, namespace } from '../support/world.ts';

/** The command line makes a new key for every command; programs repeat theirs when an answer was lost. */
describe('a request that is repeated with its idempotency key', () => {
  test('makes one plan, also when the service was killed in between', async () => {
    await using world = await createWorld({ policy: quickPolicy() });
    const { cli } = world;
    const key = 'a-key-of-a-program';
    const ask = async (maxMoves: bigint) => {
      const client = connectTo(world.service(), { as: 'ann' });
      try {
        const answer = await client.plans.createPlan({
          namespace,
          idempotencyKey: key,
          budget: { maxMoves },
        });
        return answer.plan?.id;
      } finally {
        await client.close();
      }
    };
    const id = await ask(3n);
    expect(await ask(3n)).toBe(id);
    await world.restart('SIGKILL');
    expect(await ask(3n)).toBe(id);
    const { plans } = await cli.read(ListPlansResponseSchema, ['shards', 'rebalance', 'list']);
    expect(plans.map((each) => each.id)).toEqual([id ?? '']);
    const refusal = await ask(4n).then(
      () => undefined,
      (thrown: unknown): MeshClientError => clientErrorOf(thrown, world.service().url),
    );
    expect(refusal?.problems[0].code).toBe('IDEMPOTENCY_KEY_REUSED');
  });
});
