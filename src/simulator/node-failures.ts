import type { FleetCopies } from './fleet-copies.ts';
import type { FleetLoads } from './fleet-loads.ts';
import type { FleetRegistry } from './fleet-registry.ts';
import type { FleetSignals } from './fleet-signals.ts';
import { exchangeLeadership, type FleetState, isAlive, rowsOf } from './fleet-state.ts';
import type { FleetStatistics } from './fleet-statistics.ts';
import type { FleetTime } from './fleet-time.ts';

/** Deaths of nodes by index, and what the fleet does about them by itself. */
export interface NodeFailures {
  /** Answers how many replicas went down with the node. Killing a dead node changes nothing. */
  kill(node: number): number;
  revive(node: number): void;
  /** Lets followers take over from leaders whose nodes are taken for dead. */
  refresh(): void;
}

export interface NodeFailuresParts {
  readonly state: FleetState;
  readonly time: FleetTime;
  readonly registry: FleetRegistry;
  readonly loads: FleetLoads;
  readonly signals: FleetSignals;
  readonly copies: FleetCopies;
  readonly statistics: FleetStatistics;
}

export function createNodeFailures(parts: NodeFailuresParts): NodeFailures {
  const { state, time, registry, loads, signals, copies, statistics } = parts;
  const { behaviour, nodes } = state.blueprint;
  const awaitingFailover = new Set<number>();

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

  return {
    kill(index) {
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
    },
    revive(index) {
      copies.refresh();
      state.alive[index] = 1;
      state.downSince[index] = Number.NaN;
      awaitingFailover.delete(index);
      for (const row of rowsAt(index)) state.lostToKill[row] = 0;
    },
    refresh() {
      const now = time.now();
      for (const node of awaitingFailover) {
        if (now - (state.downSince[node] ?? now) < behaviour.deadAfterMs) continue;
        awaitingFailover.delete(node);
        if (!behaviour.failover) continue;
        for (const row of rowsAt(node)) if (state.replicaLeads[row] === 1) promote(row);
      }
    },
  };
}
