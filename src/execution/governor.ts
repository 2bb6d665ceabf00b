/**
 * How many moves may run at once, by additive increase and multiplicative decrease (Chiu and Jain 1989: the pair
 * converges to a fair and efficient share without knowing the capacity): one more after every calm interval in which
 * the allowance was used up, half as many on pressure.
 */
export interface GovernorState {
  /** Moves that may run at once; fractional between the steps, at least 1. */
  readonly allowance: number;
  /** Time of the last change, milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface GovernorObservation {
  readonly at: number;
  /** Policy's cap, the smaller of namespace and cluster, and of the throttled one while an incident throttles. */
  readonly cap: number;
  readonly inFlight: number;
  /** Whether a node that moves are into or out of signals backpressure. */
  readonly backpressure: boolean;
  /** Worst latency of those nodes now and when the wave began, milliseconds; undefined where it is not measured. */
  readonly latencyMs: number | undefined;
  readonly baselineLatencyMs: number | undefined;
}

/** Latency above this multiple of what it was counts as pressure: well below where a plan pauses for a regression. */
export const latencyPressureFactor = 1.5;
/** Latencies below this are noise whatever their ratio, milliseconds. */
export const latencyNoiseMs = 20;
/** Between two changes: long enough for the last one to show in the telemetry, milliseconds. */
export const governorIntervalMs = 1_000;

/** Begins with half of the cap: quick to use it, with room to learn that it is too much. */
export function initialGovernor(cap: number, at: number): GovernorState {
  return { allowance: Math.max(1, Math.ceil(cap / 2)), changedAt: at };
}

/** The state after an observation. Never above the cap, never below 1. */
export function govern(state: GovernorState, seen: GovernorObservation): GovernorState {
  const cap = Math.max(1, seen.cap);
  const capped = Math.min(state.allowance, cap);
  if (seen.at - state.changedAt < governorIntervalMs) return { ...state, allowance: capped };
  if (underPressure(seen)) return { allowance: Math.max(1, capped / 2), changedAt: seen.at };
  const used = seen.inFlight >= Math.floor(capped);
  if (!used || capped >= cap) return { ...state, allowance: capped };
  return { allowance: Math.min(cap, capped + 1), changedAt: seen.at };
}

/** Whole moves that the state allows. */
export function allowedMoves(state: GovernorState): number {
  return Math.max(1, Math.floor(state.allowance));
}

function underPressure(seen: GovernorObservation): boolean {
  if (seen.backpressure) return true;
  if (seen.latencyMs === undefined || seen.baselineLatencyMs === undefined) return false;
  return seen.latencyMs > Math.max(seen.baselineLatencyMs, latencyNoiseMs) * latencyPressureFactor;
}
