import { describe, expect, test } from 'bun:test';
import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import { createRandom } from '../base/random.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';
import { withRetries } from './with-retries.ts';

const gone = (): ConnectError => new ConnectError('connection reset', Code.Unavailable);
const busy = (seconds: string): ConnectError =>
  new ConnectError('slow down', Code.ResourceExhausted, { 'retry-after': seconds });

/** A service that fails as told, call by call, and then answers. */
function service(failures: readonly ConnectError[]) {
  const clock = createVirtualClock();
  const at: number[] = [];
  const next = (): object => {
    at.push(clock.monotonic());
    const failure = failures[at.length - 1];
    if (failure) throw failure;
    return {};
  };
  const transport = withRetries(
    createRouterTransport((router) => {
      router.service(RebalancePlanService, { getPlan: next, createPlan: next, approvePlan: next });
      router.service(IncidentService, { openIncident: next });
    }),
    { clock, random: createRandom(1), timeoutMs: 60_000 },
  );
  const run = async (call: Promise<unknown>): Promise<string> => {
    let ended = '';
    call.then(
      () => {
        ended = 'answered';
      },
      (error: unknown) => {
        ended = Code[ConnectError.from(error).code];
      },
    );
    await clock.advanceUntil(() => ended !== '', 120_000, 10);
    return ended;
  };
  return {
    at,
    run,
    plans: createClient(RebalancePlanService, transport),
    incidents: createClient(IncidentService, transport),
  };
}

describe('a call that was not answered', () => {
  test('is made again when it changes nothing, later each time', async () => {
    const { at, run, plans } = service([gone(), gone()]);
    expect(await run(plans.getPlan({ id: 'p' }))).toBe('answered');
    const [first = 0, second = 0, third = 0] = at;
    expect(second - first).toBeWithin(50, 101 + 10);
    expect(third - second).toBeWithin(100, 201 + 10);
  });

  test('fails after the third time', async () => {
    const { at, run, plans } = service([gone(), gone(), gone(), gone()]);
    expect(await run(plans.getPlan({ id: 'p' }))).toBe('Unavailable');
    expect(at).toHaveLength(3);
  });

  test('is made again when its request has an idempotency key, and not otherwise', async () => {
    const keyed = service([gone()]);
    expect(await keyed.run(keyed.plans.createPlan({ idempotencyKey: 'k' }))).toBe('answered');
    const bare = service([gone()]);
    expect(await bare.run(bare.plans.createPlan({}))).toBe('Unavailable');
    const other = service([gone()]);
    expect(await other.run(other.incidents.openIncident({ title: 'x' }))).toBe('Unavailable');
    expect([bare.at.length, other.at.length]).toEqual([1, 1]);
    const header = service([gone()]);
    const headers = { 'idempotency-key': 'k' };
    expect(await header.run(header.plans.approvePlan({ id: 'p' }, { headers }))).toBe('answered');
  });

  test('waits as long as the service says', async () => {
    const { at, run, plans } = service([busy('3')]);
    expect(await run(plans.getPlan({ id: 'p' }))).toBe('answered');
    expect(at[1]).toBeGreaterThanOrEqual(3_000);
  });

  test.each([
    ['a refusal', new ConnectError('no', Code.PermissionDenied)],
    ['a bound without a time', new ConnectError('no', Code.ResourceExhausted)],
    ['a fleet that is away', problemsToConnectError([{ code: 'FLEET_UNREACHABLE', message: 'away' }])],
  ])('is not made again after %s', async (_, failure) => {
    const { at, run, plans } = service([failure]);
    expect(await run(plans.getPlan({ id: 'p' }))).toBe(Code[failure.code]);
    expect(at).toHaveLength(1);
  });

  test('is made again while the service stops, and keeps its deadline', async () => {
    const stopping = problemsToConnectError([{ code: 'SERVICE_STOPPING', message: 'stopping' }]);
    const again = service([stopping]);
    expect(await again.run(again.plans.getPlan({ id: 'p' }))).toBe('answered');
    const late = service([busy('5')]);
    expect(await late.run(late.plans.getPlan({ id: 'p' }, { timeoutMs: 2_000 }))).toBe('ResourceExhausted');
  });
});
