import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createClient } from '@connectrpc/connect';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import { Health, HealthCheckResponse_ServingStatus as Status } from '../gen/grpc/health/v1/health_pb.ts';
import { type ApiBench, createApiBench, everybodyIs, refusal } from './api.testing.ts';
import { createApiHandler } from './api-handler.ts';
import { ask } from './http.testing.ts';

let bench: ApiBench;
let handler: UniversalHandlerFn;
const shutdown = new AbortController();
/** Whoever asks has no scope at all. */
const nobody = { authenticator: everybodyIs([]) };
beforeAll(async () => {
  bench = await createApiBench();
  handler = createApiHandler(bench.deps(nobody), shutdown.signal);
});
afterAll(() => bench.stop());

describe('health', () => {
  test('is told to anybody: whether the process serves, and each service as it does', async () => {
    const health = createClient(Health, bench.transport(nobody));
    expect((await health.check({})).status).toBe(Status.SERVING);
    expect((await health.check({ service: 'meshkit.rebalancer.v1.StatusService' })).status).toBe(
      Status.SERVING,
    );
    expect((await refusal(health.check({ service: 'nobody.knows' }))).status).toBe('NotFound');
  });

  test('is watched: what it is now, and that a service is not known', async () => {
    const health = createClient(Health, bench.transport(nobody));
    for await (const { status } of health.watch({ service: 'nobody.knows' })) {
      expect(status).toBe(Status.SERVICE_UNKNOWN);
      break;
    }
  });

  test('is a route for probes, which look at the status alone', async () => {
    const well = await ask(handler, '/healthz');
    expect([well.status, well.json().status]).toEqual([200, 'SERVING']);
    const rebalancer = {
      ...bench.core(),
      controllers: { ...bench.core().controllers, list: async () => [] },
    };
    const blind = createApiHandler(bench.deps({ ...nobody, rebalancer }), shutdown.signal);
    const ill = await ask(blind, '/healthz');
    expect([ill.status, ill.json().status]).toEqual([503, 'NOT_SERVING']);
  });
});
