import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { ShardRegistry } from '../../ports/shard-registry.ts';
import {
  addCounts,
  noCounts,
  type PushCounts,
  type PushedBatch,
  type PushedSamples,
  type PushKind,
  type PushReceipt,
  type PushRefusal,
  type TelemetryIntake,
} from '../../ports/telemetry-intake.ts';
import type { BackpressureSource, LoadSource, PeerSource } from '../../ports/telemetry-sources.ts';
import { notPushed, overloaded, replaced, tooManySources, unknownNamespace } from './push-problems.ts';
import { createLoadIntake, createPeerIntake, createQueueIntake } from './sample-intakes.ts';
import type { Arrival } from './sequence-window.ts';
import { createShardIntake } from './shard-intake.ts';
import { createSourceTable } from './source-table.ts';

/** Telemetry that agents push: the API puts it in, ingest reads it by the ports of its sources. */
export interface PushHub extends TelemetryIntake {
  readonly registry: ShardRegistry;
  readonly loads: LoadSource;
  readonly peers: PeerSource;
  readonly backpressure: BackpressureSource;
}

export interface PushHubOptions {
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  /** Where a kind that is not pushed comes from, for the refusal. */
  readonly fetchedFrom?: Partial<Readonly<Record<PushKind, string>>>;
}

/** What an agent is told to wait when its batch found no room. */
export const retryMs = 1_000;

export function createPushHub({ namespaces, clock, fetchedFrom = {} }: PushHubOptions): PushHub {
  const sources = createSourceTable(clock);
  const shards = new Map(namespaces.map((each) => [each, createShardIntake(each, clock)]));
  const loads = new Map(namespaces.map((each) => [each, createLoadIntake(each, clock)]));
  const peers = createPeerIntake(clock);
  const queues = createQueueIntake(clock);
  const totals = { shards: noCounts, loads: noCounts, peers: noCounts, backpressure: noCounts };

  /** Where samples of a kind and namespace go, with how full that is; undefined for an unknown namespace. */
  function entranceOf({ origin, samples }: PushedBatch): Entrance | undefined {
    switch (samples.kind) {
      case 'shards': {
        const intake = shards.get(samples.namespace);
        return (
          intake && {
            take: (isNew) => intake.take(origin, samples, isNew),
            // Only the newest of each shard is held: there is always room.
            fill: () => 0,
            wantsListing: intake.wantsListing,
          }
        );
      }
      case 'loads': {
        const intake = loads.get(samples.namespace);
        return (
          intake && {
            ...wantsNone,
            take: (isNew, signal) => intake.take(samples.loads, isNew, signal),
            fill: intake.fill,
          }
        );
      }
      case 'peers':
        return {
          ...wantsNone,
          take: (isNew, signal) => peers.take(samples.peers, isNew, signal),
          fill: peers.fill,
        };
      case 'backpressure':
        return {
          ...wantsNone,
          take: (isNew, signal) => queues.take(samples.queues, isNew, signal),
          fill: queues.fill,
        };
    }
  }

  async function push(batch: PushedBatch, signal: AbortSignal): Promise<Result<PushReceipt, PushRefusal>> {
    const { origin, samples } = batch;
    const from = fetchedFrom[samples.kind];
    if (from !== undefined) return err({ problem: notPushed(samples.kind, from), ...nothingYet });
    const entrance = entranceOf(batch);
    if (!entrance) return err({ problem: unknownNamespace(namespaceOf(samples)), ...nothingYet });
    const found = sources.windowOf(`${samples.kind}/${namespaceOf(samples)}`, origin);
    if (found === 'replaced') return err({ problem: replaced(origin), ...nothingYet });
    if (found === 'full') return err({ problem: tooManySources(origin), ...nothingYet, waitMs: retryMs });
    const window = found;
    let arrival = window.look(origin.sequence);
    // Asked when there is room: the same batch may have come by another connection meanwhile.
    const isNew = (): boolean => {
      arrival = window.look(origin.sequence);
      if (isPast(arrival)) return false;
      window.take(origin.sequence);
      return true;
    };
    const taken = isPast(arrival) ? noCounts : await entrance.take(isNew, signal);
    const progress = {
      lastAcceptedSequence: window.greatest(),
      missingBatches: window.missing(),
      wantsListing: entrance.wantsListing(),
    };
    if (!taken) {
      const problem = overloaded(samples.kind, origin, window.greatest());
      return err({ problem, ...progress, waitMs: retryMs });
    }
    const counts = countsOf(batch, arrival, taken);
    totals[samples.kind] = addCounts(totals[samples.kind], counts);
    return ok({ counts, ...progress, waitMs: waitFor(entrance.fill()) });
  }

  return {
    push,
    totals: () => totals,
    registry: {
      list: (namespace, signal) => known(shards, namespace, (intake) => intake.list(signal)),
      watch: (namespace, position, signal) =>
        known(shards, namespace, (intake) => intake.watch(position, signal)),
      async get(namespace, shard) {
        return shards.get(namespace)?.get(shard) ?? err(unknownNamespace(namespace));
      },
    },
    loads: { watch: (namespace, signal) => known(loads, namespace, (intake) => intake.read(signal)) },
    peers: { watch: peers.read },
    backpressure: { watch: queues.read },
  };
}

interface Entrance {
  take(isNew: () => boolean, signal: AbortSignal): Promise<PushCounts | undefined>;
  fill(): number;
  wantsListing(): boolean;
}

const wantsNone = { wantsListing: () => false };

const nothingYet = { lastAcceptedSequence: 0, missingBatches: 0, waitMs: 0, wantsListing: false };

async function* known<T, U>(
  intakes: ReadonlyMap<string, T>,
  namespace: string,
  read: (intake: T) => AsyncIterable<U>,
): AsyncGenerator<U> {
  const intake = intakes.get(namespace);
  if (!intake) throw new ProblemError(unknownNamespace(namespace));
  yield* read(intake);
}

function isPast(arrival: Arrival): boolean {
  return arrival === 'duplicate' || arrival === 'late';
}

function namespaceOf(samples: PushedSamples): string {
  return 'namespace' in samples ? samples.namespace : '';
}

function countsOf({ samples, unreadable }: PushedBatch, arrival: Arrival, taken: PushCounts): PushCounts {
  const total = sizeOf(samples) + unreadable;
  if (arrival === 'duplicate') return { ...noCounts, duplicate: total };
  if (arrival === 'late') return { ...noCounts, late: total };
  const outOfOrder = arrival === 'overtaken' ? taken.accepted : 0;
  return { ...taken, outOfOrder, invalid: taken.invalid + unreadable };
}

function sizeOf(samples: PushedSamples): number {
  switch (samples.kind) {
    case 'shards':
      return samples.shards.length + samples.removed.length;
    case 'loads':
      return samples.loads.shards.length;
    case 'peers':
      return samples.peers.length;
    case 'backpressure':
      return samples.queues.length;
  }
}

/** Rises from half of the room on, so that agents slow down before any is refused. */
function waitFor(fill: number): number {
  return Math.round(Math.max(0, Math.min(1, fill * 2 - 1)) * retryMs);
}
