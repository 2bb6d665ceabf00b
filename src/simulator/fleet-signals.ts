import { signals } from '../domain/signals.ts';
import type { FleetLoads } from './fleet-loads.ts';
import { type FleetState, isAlive } from './fleet-state.ts';
import type { FleetTime } from './fleet-time.ts';

/** What a node's users and queue see, derived from its utilisation. */
export interface FleetSignals {
  /** Lets the queues work until now, at the utilisation of the last measurement. */
  refresh(): void;
  /** 99th percentile, milliseconds: grows as 1 / (1 - utilisation), as in an M/M/1 queue, up to a cap. */
  latencyP99Ms(node: number): number;
  /** Share of requests that fail, 0..1: what exceeds capacity, and what was injected. */
  errorRate(node: number): number;
  roundTripMs(node: number): number;
  /** Items that wait. */
  pending(node: number): number;
  setPending(node: number, items: number): void;
  backpressure(node: number): boolean;
  /** How long the node needs for what waits, in the fleet's milliseconds, at most `maxQueueWorkMs`. */
  queueWorkMs(node: number): number;
  /** By name, as a peer's sample carries them. */
  of(node: number): Readonly<Record<string, number>>;
}

export const queueName = 'requests';
export const highWatermark = 1_000;
export const lowWatermark = 500;

const idleLatencyMs = 4;
/** Utilisation from which latency grows no further: requests fail instead. */
const saturation = 0.98;
/** Items per second that a node works off in all. */
const itemsPerSecond = 2_000;
/** A queue never grows beyond this: its producers are held back. */
const maxPending = 50_000;
const maxQueueWorkMs = 30_000;

export function createFleetSignals(state: FleetState, loads: FleetLoads, time: FleetTime): FleetSignals {
  const calm = state.blueprint.behaviour.calm;
  const nodes = state.blueprint.nodes.length;
  const waiting = new Float64Array(nodes);
  const active = new Uint8Array(nodes);
  let workedUntil = time.now();

  const utilization = (node: number): number => (calm ? 0.3 : loads.elasticUtilization(node));

  function refresh(): void {
    const seconds = (time.now() - workedUntil) / 1_000;
    workedUntil = time.now();
    for (let node = 0; node < nodes; node++) {
      const grown = (waiting[node] ?? 0) + (utilization(node) - 1) * itemsPerSecond * seconds;
      waiting[node] = isAlive(state, node) ? Math.min(maxPending, Math.max(0, grown)) : 0;
      const items = pending(node);
      if (items >= highWatermark) active[node] = 1;
      else if (items <= lowWatermark) active[node] = 0;
    }
  }

  /** The backlog and, below saturation, what an M/M/1 queue holds on average. */
  function pending(node: number): number {
    const busy = Math.min(saturation, utilization(node));
    return isAlive(state, node) ? Math.floor((waiting[node] ?? 0) + busy / (1 - busy)) : 0;
  }

  function latencyP99Ms(node: number): number {
    const busy = Math.min(saturation, utilization(node));
    return (idleLatencyMs / (1 - busy)) * (state.latencyFactors[node] ?? 1);
  }

  function errorRate(node: number): number {
    const busy = utilization(node);
    const shed = busy > 1 ? 1 - 1 / busy : 0;
    return Math.min(1, shed + (state.injectedErrors[node] ?? 0));
  }

  const roundTripMs = (node: number): number =>
    0.5 * (state.latencyFactors[node] ?? 1) + utilization(node) * 0.2;

  return {
    refresh,
    latencyP99Ms,
    errorRate,
    roundTripMs,
    pending,
    setPending(node, items) {
      waiting[node] = Math.min(maxPending, Math.max(0, items));
      active[node] = items >= highWatermark ? 1 : items <= lowWatermark ? 0 : (active[node] ?? 0);
    },
    backpressure: (node) => active[node] === 1,
    queueWorkMs: (node) => Math.min(maxQueueWorkMs, (pending(node) / itemsPerSecond) * 1_000),
    of: (node) => ({
      [signals.latencyP99Ms]: latencyP99Ms(node),
      [signals.errorRate]: errorRate(node),
      [signals.roundTripMs]: roundTripMs(node),
    }),
  };
}
