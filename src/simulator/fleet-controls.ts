import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { type FleetState, leaderOf, rowsOf } from './fleet-state.ts';
import { createHotShards } from './hot-shards.ts';
import { createNodeFailures, type NodeFailuresParts } from './node-failures.ts';
import { outOfRange } from './out-of-range.ts';

/** What the world does to a fleet. Problems: NODE_NOT_FOUND, FIELD_INVALID. */
export interface FleetControls {
  /** Answers how many replicas went down with the node. Killing a dead node changes nothing. */
  kill(node: string): Result<number, Problem>;
  revive(node: string): Result<null, Problem>;
  /** Factors greater than 0; 1 is normal. */
  slow(node: string, latencyFactor: number, copyRateFactor: number): Result<null, Problem>;
  /** Multiplies the elastic loads of the shards until told otherwise; answers how many were chosen. */
  hotSpot(select: ShardSelection, factor: number): Result<number, Problem>;
  /** The same for `durationMs` of the fleet's milliseconds. */
  burst(select: ShardSelection, factor: number, durationMs: number): Result<number, Problem>;
  queueBacklog(node: string, items: number): Result<null, Problem>;
  /** Share of requests that fail on top of those that the load makes fail, 0..1. */
  errorRate(node: string, share: number): Result<null, Problem>;
  /** Ends the bursts that are over, and lets followers take over from leaders whose nodes are taken for dead. */
  refresh(): void;
}

/** Every given part must match; an empty selection means all shards. */
export interface ShardSelection {
  /** Shards whose leader (without one: any replica) is on one of these nodes now. */
  readonly nodes?: readonly string[];
  readonly prefix?: string;
  /** At most this many, the first in order of id; 0 for no limit. */
  readonly limit?: number;
}

/** Bursts that may run at the same time; another one is refused. */
const maxBursts = 1_000;
/** The largest factor that loads and latencies are multiplied with. */
const maxFactor = 1_000;

export function createFleetControls(parts: NodeFailuresParts): FleetControls {
  const { state, time, loads, signals, copies } = parts;
  const failures = createNodeFailures(parts);
  const hot = createHotShards(state, time, loads);
  const find = (node: string): Result<number, Problem> => findNode(state, node);

  return {
    kill: (node) => mapResult(find(node), failures.kill),
    revive: (node) =>
      mapResult(find(node), (index) => {
        failures.revive(index);
        return null;
      }),
    slow(node, latencyFactor, copyRateFactor) {
      const wrong = outside('latencyFactor', latencyFactor) ?? outside('copyRateFactor', copyRateFactor);
      if (wrong) return err(wrong);
      return mapResult(find(node), (index) => {
        copies.refresh();
        state.latencyFactors[index] = latencyFactor;
        state.copyFactors[index] = copyRateFactor;
        return null;
      });
    },
    hotSpot(selection, factor) {
      const wrong = outside('factor', factor);
      if (wrong) return err(wrong);
      return mapResult(select(state, selection), (chosen) => {
        hot.heat(chosen, factor);
        return chosen.length;
      });
    },
    burst(selection, factor, durationMs) {
      const wrong = outside('factor', factor);
      if (wrong) return err(wrong);
      if (hot.bursts() >= maxBursts)
        return err(outOfRange('bursts', hot.bursts(), `at most ${maxBursts} at the same time`));
      return mapResult(select(state, selection), (chosen) => {
        hot.burst(chosen, factor, durationMs);
        return chosen.length;
      });
    },
    queueBacklog(node, items) {
      if (!(items >= 0)) return err(outOfRange('pendingCount', items, 'at least 0'));
      return mapResult(find(node), (index) => {
        signals.setPending(index, items);
        return null;
      });
    },
    errorRate(node, share) {
      if (!(share >= 0 && share <= 1)) return err(outOfRange('errorRate', share, '0..1'));
      return mapResult(find(node), (index) => {
        state.injectedErrors[index] = share;
        return null;
      });
    },
    refresh() {
      hot.refresh();
      failures.refresh();
    },
  };
}

function findNode(state: FleetState, node: string): Result<number, Problem> {
  const index = state.nodeIndex.get(node);
  if (index !== undefined) return ok(index);
  return err({ code: 'NODE_NOT_FOUND', message: `the fleet has no node ${node}`, subject: `node/${node}` });
}

function select(state: FleetState, selection: ShardSelection): Result<readonly number[], Problem> {
  const { ids } = state.blueprint.shards;
  const chosenNodes = new Set<number>();
  for (const node of selection.nodes ?? []) {
    const found = findNode(state, node);
    if (!found.ok) return found;
    chosenNodes.add(found.value);
  }
  const chosen: number[] = [];
  for (let shard = 0; shard < ids.length; shard++) {
    if (selection.limit && chosen.length >= selection.limit) break;
    if (!(ids[shard] ?? '').startsWith(selection.prefix ?? '')) continue;
    if (chosenNodes.size > 0 && !livesOn(state, shard, chosenNodes)) continue;
    chosen.push(shard);
  }
  return ok(chosen);
}

function livesOn(state: FleetState, shard: number, chosen: ReadonlySet<number>): boolean {
  const leader = leaderOf(state, shard);
  if (leader >= 0) return chosen.has(state.replicaNodes[leader] ?? -1);
  const [first, end] = rowsOf(state, shard);
  for (let row = first; row < end; row++) if (chosen.has(state.replicaNodes[row] ?? -1)) return true;
  return false;
}

function mapResult<A, B>(result: Result<A, Problem>, change: (value: A) => B): Result<B, Problem> {
  return result.ok ? ok(change(result.value)) : result;
}

function outside(field: string, factor: number): Problem | undefined {
  return factor > 0 && factor <= maxFactor
    ? undefined
    : outOfRange(field, factor, `greater than 0, at most ${maxFactor}`);
}
