import type { PlanningProblem } from './problem.ts';

/**
 * How many moves of one wave may run at the same time, by policy's concurrency. What is limited are "resources", dense
 * from 0: each node as a source, each node as a destination, each zone.
 */
export interface WaveCaps {
  readonly resourceCount: number;
  /** Begins a wave. */
  begin(): void;
  /** Whether the namespace has no room for another move. */
  isFull(): boolean;
  /** Whether a move from node to node fits into the wave. */
  lets(from: number, to: number): boolean;
  take(from: number, to: number): void;
  /** Moves that the resource still takes in this wave. */
  room(resource: number): number;
  /** Waves that so many moves of a resource need at least. */
  wavesFor(resource: number, moves: number): number;
  /**
   * Writes the resources that a move needs into `into` and answers how many. Left out are those that can never be short
   * because the namespace is sooner full; the source is always among them.
   */
  resourcesOf(from: number, to: number, into: Int32Array): number;
}

/** Source, destination, and the zones of both. */
export const maxResourcesPerMove = 4;

export function createWaveCaps(problem: PlanningProblem): WaveCaps {
  const { concurrency } = problem.request.policy;
  const { nodeCount } = problem;
  const { ofNode: zoneOf, names } = problem.nodes.domains.zone;
  const most = Math.max(1, concurrency.namespace);
  const perOut = Math.max(1, concurrency.perNodeOut);
  const perIn = Math.max(1, concurrency.perNodeIn);
  const perZone = Math.max(1, concurrency.perZone);
  const zones = 2 * nodeCount;
  const used = new Int32Array(zones + names.length);
  const touched: number[] = [];
  let running = 0;

  function capOf(resource: number): number {
    if (resource < nodeCount) return perOut;
    return resource < zones ? perIn : perZone;
  }

  function use(resource: number): void {
    if (used[resource] === 0) touched.push(resource);
    used[resource] += 1;
  }

  return {
    resourceCount: used.length,
    begin() {
      for (let at = 0; at < touched.length; at++) used[touched[at]] = 0;
      touched.length = 0;
      running = 0;
    },
    isFull: () => running >= most,
    lets: (from, to) =>
      running < most &&
      used[from] < perOut &&
      used[nodeCount + to] < perIn &&
      (perZone >= most || (used[zones + zoneOf[from]] < perZone && used[zones + zoneOf[to]] < perZone)),
    take(from, to) {
      running += 1;
      use(from);
      use(nodeCount + to);
      if (perZone >= most) return;
      use(zones + zoneOf[from]);
      if (zoneOf[to] !== zoneOf[from]) use(zones + zoneOf[to]);
    },
    room: (resource) => Math.min(capOf(resource) - used[resource], most - running),
    wavesFor: (resource, moves) => Math.ceil(moves / Math.min(capOf(resource), most)),
    resourcesOf(from, to, into) {
      let found = 1;
      into[0] = from;
      if (perIn < most) into[found++] = nodeCount + to;
      if (perZone >= most) return found;
      into[found++] = zones + zoneOf[from];
      if (zoneOf[to] !== zoneOf[from]) into[found++] = zones + zoneOf[to];
      return found;
    },
  };
}
