import { describe, expect, test } from 'bun:test';
import { err, ok, type Result } from '../../base/result.ts';
import { createVirtualClock } from '../../base/virtual-clock.ts';
import type { HttpVersion } from '../../domain/http-version.ts';
import type { Problem } from '../../domain/problem.ts';
import { createEndpoint, type EndpointOptions } from './endpoint.ts';
import type { H3Failure } from './h3-connection.ts';
import type { HttpConnection, Opening } from './http-connection.ts';
import { negotiate } from './negotiate.ts';
import type { TransportChoice } from './transport-choice.ts';
import { createTransportMemory } from './transport-memory.ts';

/** How an attempt goes: when it ends, and with what; without a time it never does. */
interface Plan<E> {
  readonly afterMs?: number;
  readonly with?: HttpVersion | E;
}

const refused: Problem = { code: 'SERVICE_UNREACHABLE', message: 'refused' };
const tlsFailure: H3Failure = { reason: 'handshake_failed', detail: 'TLS alert' };

function connection(version: HttpVersion, closed: string[]): HttpConnection {
  return {
    version,
    handshakeMs: 1,
    send: async () => {
      throw new Error('nothing is sent here');
    },
    isOpen: () => true,
    close: async () => void closed.push(version),
  };
}

async function run(
  plan: { h3?: Plan<H3Failure>; tcp?: Plan<Problem>; heard?: boolean },
  options: {
    choice?: TransportChoice;
    address?: string;
    endpoint?: EndpointOptions;
    remembered?: boolean;
  } = {},
) {
  const clock = createVirtualClock();
  const memory = createTransportMemory(clock);
  const { choice = 'auto', address = 'https://mesh:7443' } = options;
  if (options.remembered) memory.remember(new URL(address).origin, 'timeout');
  const begun: string[] = [];
  const closed: string[] = [];
  function opening<E>(name: string, { afterMs, with: end }: Plan<E> = {}, late: E): Opening<E> {
    begun.push(`${name} at ${clock.monotonic()}`);
    const { promise, resolve } = Promise.withResolvers<Result<HttpConnection, E>>();
    if (afterMs !== undefined && end !== undefined)
      clock.schedule(afterMs, () =>
        resolve(typeof end === 'string' ? ok(connection(end as HttpVersion, closed)) : err(end as E)),
      );
    return {
      begun: Promise.resolve(),
      done: promise,
      heard: () => plan.heard === true,
      giveUp() {
        resolve(err(late));
        closed.push(`${name} given up`);
        return late;
      },
    };
  }
  const h3Late: H3Failure = { reason: plan.heard ? 'timeout' : 'udp_blocked', detail: '' };
  const negotiating = negotiate({
    endpoint: createEndpoint(address, options.endpoint),
    choice,
    memory,
    clock,
    openers: {
      h3: () => opening('h3', plan.h3, h3Late),
      tcp: (_, versions) => opening(`tcp ${versions}`, plan.tcp, { ...refused, message: 'too late' }),
    },
  });
  let result: Awaited<typeof negotiating> | undefined;
  negotiating.then((given) => {
    result = given;
  });
  await clock.advanceUntil(() => result !== undefined, 60_000, 5);
  const { downgrade } = result?.ok ? result.value : {};
  return {
    version: result?.ok ? result.value.connection.version : undefined,
    problem: result?.ok ? undefined : result?.error.message,
    downgrade,
    tookMs: clock.monotonic(),
    begun,
    closed,
    remembered: memory.recall(new URL(address).origin),
  };
}

describe('a client that prefers HTTP/3', () => {
  test('does not even begin with TCP where HTTP/3 is quick', async () => {
    const answer = await run({ h3: { afterMs: 20, with: 'h3' } });
    expect(answer).toMatchObject({ version: 'h3', begun: ['h3 at 0'], downgrade: undefined });
  });

  test('waits for HTTP/3 a moment, though TCP is there first', async () => {
    const answer = await run({ h3: { afterMs: 120, with: 'h3' }, tcp: { afterMs: 10, with: 'h2' } });
    expect(answer).toMatchObject({ version: 'h3', closed: ['tcp h2,h1 given up'] });
  });

  test.each([
    [false, 'udp_blocked', 150],
    [true, 'timeout', 250],
  ] as const)('takes HTTP/2 when the moment is over (packets heard: %p)', async (heard, reason, tookMs) => {
    const answer = await run({ tcp: { afterMs: 10, with: 'h2' }, heard });
    expect(answer).toMatchObject({
      version: 'h2',
      tookMs,
      downgrade: { from: 'h3', reason, afterMs: tookMs },
      remembered: reason,
    });
  });

  test('takes HTTP/2 sooner when HTTP/3 says no', async () => {
    const answer = await run({ h3: { afterMs: 40, with: tlsFailure }, tcp: { afterMs: 30, with: 'h2' } });
    expect(answer).toMatchObject({ version: 'h2', tookMs: 60, downgrade: { reason: 'handshake_failed' } });
  });

  test('has HTTP/3 on a long way, where it needs fewer round trips', async () => {
    const answer = await run({ h3: { afterMs: 400, with: 'h3' }, tcp: { afterMs: 600, with: 'h2' } });
    expect(answer).toMatchObject({ version: 'h3', tookMs: 400, downgrade: undefined });
  });

  test('does not remember that its own program has no HTTP/3', async () => {
    const disabled: H3Failure = { reason: 'disabled', detail: '' };
    const answer = await run({ h3: { afterMs: 5, with: disabled }, tcp: { afterMs: 5, with: 'h2' } });
    expect(answer).toMatchObject({ downgrade: { reason: 'disabled' }, remembered: undefined });
  });

  test('is soon done where nobody is', async () => {
    const answer = await run({ tcp: { afterMs: 1, with: refused } });
    expect(answer).toMatchObject({ version: undefined, problem: 'refused', remembered: undefined });
    expect(answer.tookMs).toBeLessThan(200);
  });

  test('gives up after ten seconds where everything is swallowed', async () => {
    expect(await run({})).toMatchObject({ problem: 'too late' });
  });

  test('goes to TCP alone where HTTP/3 did not work lately', async () => {
    const answer = await run({ tcp: { afterMs: 10, with: 'h1' } }, { remembered: true });
    expect(answer).toMatchObject({
      version: 'h1',
      begun: ['tcp h2,h1 at 0'],
      downgrade: { from: 'h3', reason: 'timeout', afterMs: 0 },
    });
  });

  test('tries everything anew when TCP fails, too', async () => {
    const answer = await run(
      { h3: { afterMs: 20, with: 'h3' }, tcp: { afterMs: 5, with: refused } },
      { remembered: true },
    );
    expect(answer).toMatchObject({ version: 'h3', remembered: undefined });
  });
});

describe('a client that cannot have HTTP/3', () => {
  test.each([
    ['without TLS', { address: 'http://127.0.0.1:7443' }],
    ['with a client certificate', { endpoint: { clientCertificate: { certificate: '', key: '' } } }],
  ])('%s wants HTTP/2, which is no downgrade', async (_, options) => {
    const answer = await run({ tcp: { afterMs: 10, with: 'h2' } }, options);
    expect(answer).toMatchObject({ version: 'h2', begun: ['tcp h2,h1 at 0'], downgrade: undefined });
  });

  test('says when it gets HTTP/1.1', async () => {
    const answer = await run({ tcp: { afterMs: 10, with: 'h1' } }, { address: 'http://127.0.0.1:7443' });
    expect(answer.downgrade).toMatchObject({ from: 'h2', reason: 'version' });
  });
});

test.each([
  ['without TLS', { address: 'http://127.0.0.1:7443' }],
  ['with a client certificate', { endpoint: { clientCertificate: { certificate: '', key: '' } } }],
])('HTTP/3 that was asked for %s is a contradiction', async (_, options) => {
  const answer = await run({}, { choice: 'h3', ...options });
  expect(answer).toMatchObject({ version: undefined, begun: [], tookMs: 0 });
});

test.each([
  ['h3', ['h3 at 0'], 3_000],
  ['h2', ['tcp h2 at 0'], 10_000],
  ['h1', ['tcp h1 at 0'], 10_000],
] as const)('a client that is told %s tries nothing else', async (choice, begun, tookMs) => {
  const answer = await run({}, { choice });
  expect(answer).toMatchObject({ begun, version: undefined, tookMs });
});
