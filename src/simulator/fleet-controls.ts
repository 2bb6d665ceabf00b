import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { FleetCopies } from './fleet-copies.ts';
import type { FleetLoads } from './fleet-loads.ts';
import type { FleetRegistry } from './fleet-registry.ts';
import type { FleetSignals } from './fleet-signals.ts';
import { exchangeLeadership, type FleetState, isAlive, leaderOf, rowsOf } from './fleet-state.ts';
import type { FleetStatistics } from './fleet-statistics.ts';
import type { FleetTime } from './fleet-time.ts';

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

export interface FleetControlsParts {
  readonly state: FleetState;
  readonly time: FleetTime;
  readonly registry: FleetRegistry;
  readonly loads: FleetLoads;
  readonly signals: FleetSignals;
  readonly copies: FleetCopies;
  readonly statistics: FleetStatistics;
}

interface Burst {
  readonly shards: readonly number[];
  readonly factor: number;
  readonly endsAt: number;
}

/** Bursts that may run at the same time; another one is refused. */
const maxBursts = 1_000;
/** The largest factor that loads and latencies are multiplied with. */
const maxFactor = 1_000;

export function createFleetControls(parts: FleetControlsParts): FleetControls {
  const { state, time, registry, loads, signals, copies, statistics } = parts;
  const { behaviour, nodes, shards } = state.blueprint;
  const awaitingFailover = new Set<number>();
  let bursts: Burst[] = [];

  function find(node: string): Result<number, Problem> {
    const index = state.nodeIndex.get(node);
    if (index !== undefined) return ok(index);
    return err({ code: 'NODE_NOT_FOUND', message: `the fleet has no node ${node}`, subject: `node/${node}` });
  }

  function select(selection: ShardSelection): Result<readonly number[], Problem> {
    const chosenNodes = new Set<number>();
    for (const node of selection.nodes ?? []) {
      const found = find(node);
      if (!found.ok) return found;
      chosenNodes.add(found.value);
    }
    const chosen: number[] = [];
    for (let shard = 0; shard < shards.ids.length; shard++) {
      if (selection.limit && chosen.length >= selection.limit) break;
      if (!(shards.ids[shard] ?? '').startsWith(selection.prefix ?? '')) continue;
      if (chosenNodes.size > 0 && !livesOn(shard, chosenNodes)) continue;
      chosen.push(shard);
    }
    return ok(chosen);
  }

  function livesOn(shard: number, chosen: ReadonlySet<number>): boolean {
    const leader = leaderOf(state, shard);
    if (leader >= 0) return chosen.has(state.replicaNodes[leader] ?? -1);
    const [first, end] = rowsOf(state, shard);
    for (let row = first; row < end; row++) if (chosen.has(state.replicaNodes[row] ?? -1)) return true;
    return false;
  }

  function multiply(chosen: readonly number[], factor: number): void {
    for (const shard of chosen) state.hotFactors[shard] = (state.hotFactors[shard] ?? 1) * factor;
    loads.invalidate();
  }

  function rowsAt(node: number): number[] {
    const rows: number[] = [];
    state.replicaNodes.forEach((at, row) => {
      if (at === node) rows.push(row);
    });
    return rows;
  }

  function promote(row: number): void {
    const shard = state.replicaShards[row] ?? 0;
    const [first, end] = rowsOf(state, shard);
    for (let other = first; other < end; other++) {
      if (other === row || !isAlive(state, state.replicaNodes[other] ?? -1)) continue;
      const reason = `node ${nodes[state.replicaNodes[row] ?? 0]?.id} is dead`;
      registry.record(shard, { actor: 'failure-detector', reason, changeTicket: '' }, () =>
        exchangeLeadership(state, row, other),
      );
      loads.invalidate();
      return;
    }
  }

  function kill(index: number): number {
    const rows = rowsAt(index);
    if (!isAlive(state, index)) return rows.length;
    copies.refresh();
    state.alive[index] = 0;
    state.downSince[index] = time.now();
    awaitingFailover.add(index);
    signals.setPending(index, 0);
    for (const row of rows) state.lostToKill[row] = 1;
    for (const row of rows) statistics.observeShard(state.replicaShards[row] ?? 0);
    return rows.length;
  }

  function revive(index: number): null {
    copies.refresh();
    state.alive[index] = 1;
    state.downSince[index] = Number.NaN;
    awaitingFailover.delete(index);
    for (const row of rowsAt(index)) state.lostToKill[row] = 0;
    return null;
  }

  return {
    kill: (node) => mapResult(find(node), kill),
    revive: (node) => mapResult(find(node), (index) => revive(index)),
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
      return mapResult(select(selection), (chosen) => {
        multiply(chosen, factor);
        return chosen.length;
      });
    },
    burst(selection, factor, durationMs) {
      const wrong = outside('factor', factor);
      if (wrong) return err(wrong);
      if (bursts.length >= maxBursts) return err(limit('bursts', bursts.length, maxBursts));
      return mapResult(select(selection), (chosen) => {
        multiply(chosen, factor);
        bursts.push({ shards: chosen, factor, endsAt: time.now() + durationMs });
        return chosen.length;
      });
    },
    queueBacklog(node, items) {
      if (!(items >= 0)) return err(limit('pendingCount', items, 'at least 0'));
      return mapResult(find(node), (index) => {
        signals.setPending(index, items);
        return null;
      });
    },
    errorRate(node, share) {
      if (!(share >= 0 && share <= 1)) return err(limit('errorRate', share, '0..1'));
      return mapResult(find(node), (index) => {
        state.injectedErrors[index] = share;
        return null;
      });
    },
    refresh() {
      const now = time.now();
      for (const burst of bursts) if (burst.endsAt <= now) multiply(burst.shards, 1 / burst.factor);
      bursts = bursts.filter((burst) => burst.endsAt > now);
      for (const node of awaitingFailover) {
        if (now - (state.downSince[node] ?? now) < behaviour.deadAfterMs) continue;
        awaitingFailover.delete(node);
        if (!behaviour.failover) continue;
        for (const row of rowsAt(node)) if (state.replicaLeads[row] === 1) promote(row);
      }
    },
  };
}

function mapResult<A, B>(result: Result<A, Problem>, change: (value: A) => B): Result<B, Problem> {
  return result.ok ? ok(change(result.value)) : result;
}

function outside(field: string, factor: number): Problem | undefined {
  return factor > 0 && factor <= maxFactor
    ? undefined
    : limit(field, factor, `greater than 0, at most ${maxFactor}`);
}

function limit(field: string, value: number, bound: string | number): Problem {
  return {
    code: 'FIELD_INVALID',
    message: `${field} is ${value}; it must be ${bound}`,
    field,
    value: Number.isFinite(value) ? value : String(value),
    limit: bound,
  };
}
