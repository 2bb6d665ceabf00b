import { createVirtualClock, type VirtualClock } from '../../base/virtual-clock.ts';
import type { LoadBatch, ReplicaSet } from '../../domain/telemetry-sample.ts';
import type { PushedBatch, PushedSamples, PushReceipt } from '../../ports/telemetry-intake.ts';
import { start } from '../../telemetry/telemetry.testing.ts';
import { createPushHub, type PushHub, type PushHubOptions } from './push-hub.ts';

export interface TestHub {
  readonly hub: PushHub;
  readonly clock: VirtualClock;
  /** Pushes and lets everything run that can without time passing; undefined while it waits for room. */
  push(batch: PushedBatch): Promise<PushReceipt>;
  /** The code that a push is refused with. */
  refusal(batch: PushedBatch): Promise<string>;
}

const never = new AbortController().signal;

/** A hub of the namespace `orders` under the virtual clock. */
export function openTestHub(options: Partial<PushHubOptions> = {}): TestHub {
  const clock = createVirtualClock(start);
  const hub = createPushHub({ namespaces: ['orders'], clock, ...options });
  return {
    hub,
    clock,
    async push(batch) {
      const taken = await hub.push(batch, never);
      if (!taken.ok) throw new Error(`${taken.error.problem.code}: ${taken.error.problem.message}`);
      return taken.value;
    },
    async refusal(batch) {
      const taken = await hub.push(batch, never);
      return taken.ok ? 'taken' : taken.error.problem.code;
    },
  };
}

export interface OriginChange {
  readonly source?: string;
  readonly incarnation?: number;
}

export function batch(sequence: number, samples: PushedSamples, change: OriginChange = {}): PushedBatch {
  const origin = { principal: 'pat', source: 'agent', incarnation: 1, sequence, ...change };
  return { origin, samples, unreadable: 0 };
}

/** A whole listing in one batch. */
export function listing(
  sequence: number,
  shards: readonly ReplicaSet[],
  change: OriginChange = {},
): PushedBatch {
  const whole = { firstSequence: sequence, lastSequence: sequence };
  return batch(sequence, { ...changes(shards), listing: whole }, change);
}

export function changes(
  shards: readonly ReplicaSet[],
  removed: readonly ReplicaSet[] = [],
): Extract<PushedSamples, { kind: 'shards' }> {
  return { kind: 'shards', namespace: 'orders', shards, removed };
}

export function loadsOf(loads: LoadBatch): PushedSamples {
  return { kind: 'loads', namespace: 'orders', loads };
}

/** What the registry shows: `shard@version`, sorted. */
export async function listed(hub: PushHub): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const page of hub.registry.list('orders', never))
    found.push(...page.shards.map((set) => `${set.shard}@${set.version}`));
  return found.sort();
}

/** Reads a stream until the returned function is called, which answers what came. */
export function collect<T>(open: (signal: AbortSignal) => AsyncIterable<T>): {
  readonly items: T[];
  /** Code of the problem that ended it; undefined while it goes on or when it ended in order. */
  readonly ended: () => string | undefined;
  stop(): Promise<void>;
} {
  const items: T[] = [];
  const stopping = new AbortController();
  let code: string | undefined;
  const reading = (async () => {
    for await (const item of open(stopping.signal)) items.push(item);
  })().catch((error: { readonly problems?: readonly { readonly code: string }[] }) => {
    code = error.problems?.[0]?.code ?? String(error);
  });
  return {
    items,
    ended: () => code,
    async stop() {
      stopping.abort();
      await reading;
    },
  };
}
