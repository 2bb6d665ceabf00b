import type { Clock } from '../base/clock.ts';

/**
 * A call's answer, or undefined when none came within `ms` milliseconds; the call's signal is aborted then and a late
 * answer is dropped. What the call throws, this throws.
 */
export async function callWithin<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const cancel = new AbortController();
  const answered = new AbortController();
  const deadline = clock.sleep(ms, AbortSignal.any([answered.signal, signal])).then(() => undefined);
  const answer = call(AbortSignal.any([cancel.signal, signal]));
  // The loser of the race may still reject, after nobody listens any more.
  answer.catch(() => {});
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    answered.abort();
    cancel.abort();
  }
}
