import { describe, expect, test } from 'bun:test';
import { Code, ConnectError, createRouterTransport } from '@connectrpc/connect';
import { nextTurn } from '../base/next-turn.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import type { Problem } from '../domain/problem.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';
import type { MeshClientError } from './client-error.ts';
import { createMeshClient } from './mesh-client.ts';
import { watchPlans } from './watch-plans.ts';

const gone = (): ConnectError => new ConnectError('connection reset', Code.Unavailable);
const problem = (code: Problem['code']): ConnectError => problemsToConnectError([{ code, message: code }]);

/** How one connection goes: how many events it delivers, and what ends it; without an end it stays open. */
interface Connection {
  readonly events: number;
  readonly end?: ConnectError | 'clean';
}

/** A service whose events are numbered 1, 2, 3, ... and whose connections break as told, the last one again and again. */
function service(connections: readonly Connection[]) {
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
        if (connection?.end) throw connection.end;
        await new Promise<void>((done) => context.signal.addEventListener('abort', () => done()));
      },
    });
  });
  return { asked, client: createMeshClient({ address: 'http://mesh', rpcTransport: transport }) };
}

async function follow(connections: readonly Connection[], resumeToken = 0n) {
  const clock = createVirtualClock();
  const leave = new AbortController();
  const { asked, client } = service(connections);
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
  return { seen, waits, asked, thrown };
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
