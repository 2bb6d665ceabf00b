import type { Problem } from '../domain/problem.ts';
import type { TelemetrySource } from './counters.ts';

/** A source as telemetry sees it. */
export interface SourceState {
  readonly source: TelemetrySource;
  /** Whether it is subscribed to right now. */
  readonly connected: boolean;
  /** Observed time of its newest accepted sample, or for the registry when it was last heard; 0 for never. */
  readonly newestAt: number;
  /** Why it is not connected; undefined while it is, or before the first attempt. */
  readonly problem?: Problem;
  /** When it last connected or lost its connection, milliseconds since the epoch; 0 for never. */
  readonly since: number;
}

export interface SourceStates {
  delivered(source: TelemetrySource, observedAt: number): void;
  connected(source: TelemetrySource, now: number): void;
  degraded(source: TelemetrySource, problem: Problem, now: number): void;
  list(): readonly SourceState[];
}

export function createSourceStates(sources: readonly TelemetrySource[]): SourceStates {
  const states = new Map<TelemetrySource, SourceState>();
  for (const source of sources) states.set(source, { source, connected: false, newestAt: 0, since: 0 });

  return {
    delivered(source, observedAt) {
      const state = states.get(source);
      if (state && observedAt > state.newestAt) states.set(source, { ...state, newestAt: observedAt });
    },
    connected(source, now) {
      const state = states.get(source);
      if (state) states.set(source, { source, connected: true, newestAt: state.newestAt, since: now });
    },
    degraded(source, problem, now) {
      const state = states.get(source);
      if (!state) return;
      // Until now the registry was heard: its silence meant that nothing changed.
      const newestAt = source === 'shards' && state.connected && state.newestAt > 0 ? now : state.newestAt;
      const since = state.connected || state.since === 0 ? now : state.since;
      states.set(source, { source, connected: false, newestAt, problem, since });
    },
    list: () => [...states.values()],
  };
}
