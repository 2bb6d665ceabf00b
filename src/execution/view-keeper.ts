import type { Move } from '../domain/move.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { createFleetView, type FleetView } from '../guardrails/fleet-view.ts';

/**
 * The fleet as the guardrails should see it now: the newest snapshot, plus what this execution knows and the snapshot
 * does not show yet. Moves in flight weigh on both sides; moves that ended after it was taken are applied to it.
 */
export interface ViewKeeper {
  /** Undefined while there is no snapshot. Takes up a new snapshot or policy. */
  view(): FleetView | undefined;
  begin(move: Move): void;
  /** The move ended with its effect in place, at this registry version. */
  complete(move: Move, version: number): void;
  /** The move ended without effect. */
  abandon(move: Move): void;
  /** Whether every move that ended with its effect in place shows in the snapshot. */
  showsCompleted(snapshot: Snapshot): boolean;
}

/** A move whose effect is in place, at the registry version that it left. */
export interface CompletedMove {
  readonly move: Move;
  readonly version: number;
}

/** @param completed moves of the plan that ended before this execution began */
export function createViewKeeper(
  snapshot: () => Snapshot | undefined,
  policy: () => Policy,
  completed: readonly CompletedMove[],
): ViewKeeper {
  let seen: Snapshot | undefined;
  let seenPolicy: Policy | undefined;
  let current: FleetView | undefined;
  const inFlight = new Map<string, Move>();
  const ended = [...completed];

  function refresh(): FleetView | undefined {
    const newest = snapshot();
    const rules = policy();
    if (!newest) return current;
    if (current && newest.digest === seen?.digest && rules === seenPolicy) return current;
    const visible = ended.filter((each) => isVisible(newest, each));
    const view = createFleetView(newest, rules, { completed: visible.map(({ move }) => move) });
    for (const each of ended) {
      if (isVisible(newest, each)) continue;
      view.begin(each.move);
      view.complete(each.move);
    }
    for (const move of inFlight.values()) view.begin(move);
    seen = newest;
    seenPolicy = rules;
    current = view;
    return view;
  }

  return {
    view: refresh,
    begin(move) {
      inFlight.set(move.id, move);
      current?.begin(move);
    },
    complete(move, version) {
      ended.push({ move, version });
      if (inFlight.delete(move.id)) current?.complete(move);
    },
    abandon(move) {
      if (inFlight.delete(move.id)) current?.abandon(move);
    },
    showsCompleted: (taken) => ended.every((each) => isVisible(taken, each)),
  };
}

function isVisible(snapshot: Snapshot, { move, version }: CompletedMove): boolean {
  return shardVersion(snapshot, move.shard) >= version;
}

/** Registry version of a shard in the snapshot; infinite for one that it does not have, which hides nothing. */
function shardVersion(snapshot: Snapshot, shard: string): number {
  const { ids, versions } = snapshot.shards;
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? '') < shard) low = middle + 1;
    else high = middle;
  }
  return ids[low] === shard ? (versions[low] ?? 0) : Number.POSITIVE_INFINITY;
}
