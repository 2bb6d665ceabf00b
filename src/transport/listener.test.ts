import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { createClient } from '@connectrpc/connect';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { createListenerBench, type ListenerBench, versions } from './listener.testing.ts';

let bench: ListenerBench;
beforeAll(() => {
  bench = createListenerBench();
});
afterEach(() => bench.close());

describe.each(versions)('over %s', (version) => {
  test('answers unary calls of every protocol with JSON and with Protobuf', async () => {
    await bench.start();
    for (const transport of await bench.transports(version)) {
      const answer = await createClient(RebalancePlanService, transport).listPlans({ cursor: 'x' });
      expect(answer.nextCursor).toBe(`${version}: after x`);
    }
  });
});
