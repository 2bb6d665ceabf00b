import type { Change } from './change.ts';
import type { PlanningProblem } from './problem.ts';

/** How many moves of one wave may run at the same time, by policy's concurrency. */
export interface WaveCaps {
  begin(): void;
  isFull(): boolean;
  lets(change: Change): boolean;
  take(change: Change): void;
}

export function createWaveCaps(problem: PlanningProblem): WaveCaps {
  const { concurrency } = problem.request.policy;
  const most = Math.max(1, concurrency.namespace);
  const perIn = Math.max(1, concurrency.perNodeIn);
  const perOut = Math.max(1, concurrency.perNodeOut);
  const perZone = Math.max(1, concurrency.perZone);
  const zoneOf = problem.nodes.domains.zone.ofNode;
  const into = new Map<number, number>();
  const out = new Map<number, number>();
  const zones = new Map<number, number>();
  let running = 0;
  const count = (counts: Map<number, number>, key: number): number => counts.get(key) ?? 0;
  const add = (counts: Map<number, number>, key: number): void =>
    void counts.set(key, count(counts, key) + 1);

  return {
    begin() {
      into.clear();
      out.clear();
      zones.clear();
      running = 0;
    },
    isFull: () => running >= most,
    lets: (change) =>
      running < most &&
      count(into, change.to) < perIn &&
      count(out, change.from) < perOut &&
      count(zones, zoneOf[change.from]) < perZone &&
      count(zones, zoneOf[change.to]) < perZone,
    take(change) {
      running += 1;
      add(into, change.to);
      add(out, change.from);
      add(zones, zoneOf[change.from]);
      if (zoneOf[change.to] !== zoneOf[change.from]) add(zones, zoneOf[change.to]);
    },
  };
}
