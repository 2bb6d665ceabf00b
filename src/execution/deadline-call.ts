import type { Clock } from '../base/clock.ts';

/**
 * A call's answer, or undefined when none came within `ms` milliseconds or before `signal` aborted; the call's own
 * signal is aborted then, and a late answer is dropped. What the call throws, this throws.
 */
export async function callWithin<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const over = new AbortController();
  const giveUp = (): void => over.abort();
  signal.addEventListener('abort', giveUp, { once: true });
  const deadline = clock.sleep(ms, over.signal).then(() => undefined);
  const answer = call(over.signal);
  // The loser of the race may still reject, after nobody listens any more.
  answer.catch(() => {});
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    over.abort();
  }
}
