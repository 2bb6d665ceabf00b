import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Problem } from '../domain/problem.ts';
import type { Store } from '../ports/store.ts';

export interface Denial {
  readonly actor: string;
  /** Full name of the method that was asked for. */
  readonly method: string;
  /** Empty where the request names none. */
  readonly namespace: string;
  readonly transport: string;
  readonly problem: Problem;
}

/** Writes calls that were refused for who asked onto the audit trail. */
export interface DenialRecorder {
  /** Resolves when it is on the trail, or counted for a record that follows. */
  record(denial: Denial): Promise<void>;
  /** Writes what is only counted so far. */
  flush(): Promise<void>;
}

export interface DenialRecorderDeps {
  readonly store: Pick<Store, 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly cluster: string;
}

/**
 * Repetitions of a denial within so long are counted and become one record: a stranger who tries in a loop must not be
 * able to fill the disk with what he was refused.
 */
const gatheringMs = 10_000;
/** Different denials that are gathered at a time; more are gathered as one. */
const maxGathered = 1_000;

interface Gathered {
  readonly denial: Denial;
  repeated: number;
}

/**
 * The first denial of a kind (who, what, why) is on the trail before the caller is answered; the same again within
 * `gatheringMs` is counted, and the count is a record of its own. A store that cannot write does not turn a refusal into
 * anything else: that is logged.
 */
export function createDenialRecorder(deps: DenialRecorderDeps): DenialRecorder {
  const gathered = new Map<string, Gathered>();

  async function end(key: string): Promise<void> {
    const entry = gathered.get(key);
    gathered.delete(key);
    if (entry && entry.repeated > 0) await write(deps, entry.denial, { repeated: String(entry.repeated) });
  }

  return {
    async record(denial) {
      const kind = `${denial.actor}\n${denial.method}\n${denial.namespace}\n${denial.problem.code}`;
      const key = gathered.has(kind) || gathered.size < maxGathered ? kind : 'others';
      const known = gathered.get(key);
      if (known) {
        known.repeated += 1;
        return;
      }
      gathered.set(key, { denial, repeated: 0 });
      deps.clock.schedule(gatheringMs, () => void end(key));
      await write(deps, denial, {});
    },
    async flush() {
      for (const key of [...gathered.keys()]) await end(key);
    },
  };
}

async function write(
  { store, clock, log, cluster }: DenialRecorderDeps,
  denial: Denial,
  details: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    const written = await store.commit({
      audit: [
        {
          at: clock.now(),
          actor: denial.actor,
          action: 'access.denied',
          cluster,
          namespace: denial.namespace,
          subject: `method/${denial.method}`,
          reason: denial.problem.message,
          changeTicket: '',
          transport: denial.transport,
          outcome: denial.problem.code,
          before: '',
          after: '',
          details,
        },
      ],
    });
    if (!written.ok) {
      log.error('a denial could not be audited', { method: denial.method, code: written.error.code });
    }
  } catch (thrown) {
    log.error('a denial could not be audited', { method: denial.method, error: String(thrown) });
  }
}
