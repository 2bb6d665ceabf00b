import { describe, expect, test } from 'bun:test';
import { Code, ConnectError, createRouterTransport } from '@connectrpc/connect';
import { nextTurn } from '../base/next-turn.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { Problem } from '../domain/problem.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';
import { watchHeartbeatMs, watchSilenceMs } from '../wire/watch-heartbeat.ts';
import type { MeshClientError } from './client-error.ts';
import { createMeshClient } from './mesh-client.ts';
import { watchPlans } from './watch-plans.ts';

const gone = (): ConnectError => new ConnectError('connection reset', Code.Unavailable);
const problem = (code: Problem['code']): ConnectError => problemsToConnectError([{ code, message: code }]);

/** How one connection goes: how many events it delivers, and what ends it; without an end it stays open with signs of life. */
interface Connection {
  readonly events: number;
  readonly end?: ConnectError | 'clean' | 'silence';
}

/** A service whose events are numbered 1, 2, 3, ... and whose connections break as told, the last one again and again. */
function service(connections: readonly Connection[], clock: VirtualClock) {
  const asked: (bigint | undefined)[] = [];
  const transport = createRouterTransport((router) => {
    router.service(RebalancePlanService, {
      async *watchPlans(request, context) {
        const connection = connections[Math.min(asked.length, connections.length - 1)];
        asked.push(request.resumeToken);
        const from = request.resumeToken ?? 0n;
        for (let next = from + 1n; next <= from + BigInt(connection?.events ?? 0); next++)
          yield { resumeToken: next, event: { sequence: next } };
        if (connection?.end === 'clean') return;
        if (connection?.end === 'silence')
          await new Promise<void>((done) => context.signal.addEventListener('abort', () => done()));
        else if (connection?.end) throw connection.end;
        const resumeToken = from + BigInt(connection?.events ?? 0);
        while (!context.signal.aborted) {
          await clock.sleep(watchHeartbeatMs, context.signal);
          yield { resumeToken };
        }
      },
    });
  });
  return { asked, client: createMeshClient({ address: 'http://mesh', rpcTransport: transport, clock }) };
}

async function follow(connections: readonly Connection[], resumeToken = 0n) {
  const clock = createVirtualClock();
  const leave = new AbortController();
  const { asked, client } = service(connections, clock);
  const seen: number[] = [];
  const waits: number[] = [];
  let over = false;
  let thrown: MeshClientError | undefined;
  const events = watchPlans({
    client,
    address: 'http://mesh',
    clock,
    resumeToken,
    signal: leave.signal,
    onReconnect: (waitMs) => waits.push(waitMs),
  });
  const reading = (async () => {
    for await (const event of events) seen.push(Number(event.sequence));
  })()
    .catch((error: MeshClientError) => {
      thrown = error;
    })
    .finally(() => {
      over = true;
    });
  // Longer than all the waits together.
  for (let passed = 0; passed < 400_000 && !over; passed += 1_000) await clock.advance(1_000);
  leave.abort();
  await reading;
  await nextTurn();
  return { seen, waits, asked, thrown, timersLeft: clock.pendingTimers() };
}

describe('a watch whose connection breaks', () => {
  test('goes on where it was: no event is missed and none comes twice', async () => {
    const { seen, asked, thrown } = await follow([
      { events: 2, end: gone() },
      { events: 0, end: gone() },
      { events: 3, end: gone() },
      { events: 1 },
    ]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(asked).toEqual([0n, 2n, 2n, 5n]);
    expect(thrown).toBeUndefined();
  });

  test.each(['WATCHER_TOO_SLOW', 'SERVICE_STOPPING'] as const)('resumes after %s', async (code) => {
    const { seen, thrown } = await follow([{ events: 2, end: problem(code) }, { events: 2 }]);
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(thrown).toBeUndefined();
  });

  test('resumes when something in between ends it without an error', async () => {
    const { seen, asked } = await follow([{ events: 1, end: 'clean' }, { events: 1 }]);
    expect(seen).toEqual([1, 2]);
    expect(asked).toEqual([0n, 1n]);
  });

  test('waits longer each time, up to ten seconds, and anew after an event', async () => {
    const failing = Array.from({ length: 8 }, (): Connection => ({ events: 0, end: gone() }));
    const { waits } = await follow([...failing, { events: 1, end: gone() }, { events: 0 }]);
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 250]);
  });

  test.each([
    ['is refused', gone()],
    ['ends without a word', 'clean' as const],
  ])('gives up when it %s 30 times in a row', async (_, end) => {
    const { asked, thrown } = await follow([{ events: 0, end }]);
    expect(asked).toHaveLength(30);
    expect(thrown?.problems[0].code).toBe('SERVICE_UNREACHABLE');
  });
});

test('a watch that the service refuses ends at once with its problem', async () => {
  const { asked, thrown, waits } = await follow([{ events: 0, end: problem('RESUME_TOKEN_INVALID') }]);
  expect(thrown?.problems[0].code).toBe('RESUME_TOKEN_INVALID');
  expect(asked).toEqual([0n]);
  expect(waits).toEqual([]);
});

describe('a watch that nothing comes from', () => {
  test('goes on where it was after three signs of life that did not come, and each event comes once', async () => {
    const { seen, asked, waits, thrown, timersLeft } = await follow([
      { events: 2, end: 'silence' },
      { events: 1, end: 'silence' },
      { events: 2 },
    ]);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([0n, 2n, 3n]);
    expect(waits).toEqual([250, 250]);
    expect(thrown).toBeUndefined();
    expect(timersLeft).toBe(0);
  });

  test('is asked again also where it was never admitted', async () => {
    const { seen, asked, waits } = await follow([{ events: 0, end: 'silence' }, { events: 1 }]);
    expect(seen).toEqual([1]);
    expect(asked).toEqual([0n, 0n]);
    expect(waits).toEqual([250]);
  });

  test('stays open on signs of life alone', async () => {
    const { asked, waits, timersLeft } = await follow([{ events: 0 }]);
    expect(asked).toEqual([0n]);
    expect(waits).toEqual([]);
    expect(timersLeft).toBe(0);
  });

  test('is not lost because its reader is slow', async () => {
    const clock = createVirtualClock();
    const { asked, client } = service([{ events: 2 }], clock);
    const signal = new AbortController().signal;
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { sequence } of watchPlans({
        client,
        address: 'mesh',
        clock,
        resumeToken: 0n,
        signal,
      })) {
        await clock.sleep(10 * watchSilenceMs);
        if (seen.push(Number(sequence)) === 2) break;
      }
    })();
    await clock.advance(30 * watchSilenceMs);
    await reading;
    expect(seen).toEqual([1, 2]);
    expect(asked).toEqual([0n]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is told as a service that nobody reaches when it never speaks', async () => {
    const clock = createVirtualClock();
    const { asked, client } = service([{ events: 0, end: 'silence' }], clock);
    const { signal } = new AbortController();
    const first = watchPlans({ client, address: 'http://mesh', clock, signal })
      .next()
      .catch((error: MeshClientError) => error);
    await clock.advance(30 * (watchSilenceMs + 10_000));
    const thrown = await first;
    expect(asked).toHaveLength(30);
    expect(thrown).toMatchObject({
      unreachable: true,
      problems: [
        {
          code: 'SERVICE_UNREACHABLE',
          message: 'nothing came from the rebalancer at http://mesh for 30 s',
        },
      ],
    });
  });
});
