import type { MoveTrace } from '../domain/move-trace.ts';

/** Recent moves by shard and by node, so that judging one move does not read them all. */
export interface TraceIndex {
  ofShard(shard: string): readonly MoveTrace[];
  /** Time of the newest move into or out of the node that is not of the plan; 0 when there is none. */
  newestOnNode(node: string, exceptPlan: string): number;
}

/**
 * Indexes traces once per list: whoever judges many moves passes the same array each time and pays once. Entries go
 * with their arrays.
 */
export function traceIndex(traces: readonly MoveTrace[]): TraceIndex {
  const known = indices.get(traces);
  if (known) return known;
  const created = createTraceIndex(traces);
  indices.set(traces, created);
  return created;
}

const indices = new WeakMap<readonly MoveTrace[], TraceIndex>();

function createTraceIndex(traces: readonly MoveTrace[]): TraceIndex {
  const byShard = new Map<string, MoveTrace[]>();
  const byNode = new Map<string, Map<string, number>>();
  for (const trace of traces) {
    const ofShard = byShard.get(trace.shard);
    if (ofShard) ofShard.push(trace);
    else byShard.set(trace.shard, [trace]);
    for (const node of [trace.source, trace.destination]) {
      const newest = byNode.get(node) ?? new Map<string, number>();
      newest.set(trace.planId, Math.max(newest.get(trace.planId) ?? 0, trace.at));
      byNode.set(node, newest);
    }
  }
  return {
    ofShard: (shard) => byShard.get(shard) ?? [],
    newestOnNode(node, exceptPlan) {
      let newest = 0;
      for (const [plan, at] of byNode.get(node) ?? []) if (plan !== exceptPlan) newest = Math.max(newest, at);
      return newest;
    },
  };
}
