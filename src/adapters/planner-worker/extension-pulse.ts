import type { ExtensionWatcher } from '../../planning/plan-with-extensions.ts';

/** Two integers shared with the planner's thread: which extension runs (0 none, else its place + 1), and how many calls there were. */
export function createPulse(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** The thread's side: writes before and after every call. The count may wrap; only that it changes matters. */
export function beatPulse(pulse: SharedArrayBuffer): ExtensionWatcher {
  const cells = new Int32Array(pulse);
  return {
    enter(extension) {
      cells[1] += 1;
      cells[0] = extension + 1;
    },
    leave() {
      cells[0] = 0;
    },
  };
}

/** How long extensions may keep a plan. */
export interface ExtensionLimits {
  /** One call of an extension: a delta takes well below a millisecond, a count over a large fleet a second. */
  readonly callMs: number;
  /** The whole plan beyond twice its search: counts, waves and explanations included. */
  readonly graceMs: number;
}

export const defaultExtensionLimits: ExtensionLimits = { callMs: 10_000, graceMs: 60_000 };

/** Looks at the pulse per shorter of the two limits. */
const looksPerLimit = 8;

/**
 * The other side: looks now and then, and calls back once, with the place of the extension to blame, when one call has
 * not ended within its limit or the whole plan has taken too long. Answers how to stop looking.
 *
 * @param planMs how long the whole plan may take
 */
export function watchPulse(
  pulse: SharedArrayBuffer,
  planMs: number,
  { callMs }: ExtensionLimits,
  onStuck: (extension: number, what: string) => void,
): () => void {
  const cells = new Int32Array(pulse);
  const started = performance.now();
  const seen = new Map<number, number>();
  let call = cells[1];
  let since = started;
  const timer = setInterval(
    () => {
      const now = performance.now();
      const running = cells[0];
      if (running > 0) seen.set(running, (seen.get(running) ?? 0) + 1);
      if (running === 0 || cells[1] !== call) {
        call = cells[1];
        since = now;
      }
      if (now - since > callMs) {
        clearInterval(timer);
        onStuck(running - 1, `has not ended one call within ${callMs} ms`);
      } else if (now - started > planMs) {
        clearInterval(timer);
        // Nobody seen: it was not an extension's call, but the loading of a module.
        const [busiest = 0] = [...seen].sort((left, right) => right[1] - left[1])[0] ?? [];
        onStuck(busiest - 1, `has kept the plan for more than ${planMs} ms`);
      }
    },
    Math.max(1, Math.min(callMs, planMs) / looksPerLimit),
  );
  return () => clearInterval(timer);
}
