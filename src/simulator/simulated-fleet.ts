import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { FleetBlueprint } from './fleet-blueprint.ts';
import { createFleetControls, type FleetControls } from './fleet-controls.ts';
import { createFleetCopies, type FleetCopies } from './fleet-copies.ts';
import { createFleetLoads, type FleetLoads } from './fleet-loads.ts';
import { createFleetMoves, type FleetMoves } from './fleet-moves.ts';
import { createFleetRegistry, type FleetRegistry } from './fleet-registry.ts';
import { createFleetSignals, type FleetSignals } from './fleet-signals.ts';
import { createFleetState, type FleetState } from './fleet-state.ts';
import { createFleetStatistics, type FleetStatistics } from './fleet-statistics.ts';
import { createFleetTime, type FleetTime } from './fleet-time.ts';

/**
 * A fleet that exists only in memory: it has load, takes moves, suffers and reports. It does nothing by itself: it
 * catches up with its clock whenever somebody looks (`refresh`), so that an idle one costs nothing and a run under the
 * virtual clock is the same every time.
 */
export interface SimulatedFleet {
  readonly blueprint: FleetBlueprint;
  readonly time: FleetTime;
  readonly state: FleetState;
  readonly registry: FleetRegistry;
  readonly moves: FleetMoves;
  readonly loads: FleetLoads;
  readonly signals: FleetSignals;
  readonly copies: FleetCopies;
  readonly controls: FleetControls;
  readonly statistics: FleetStatistics;
  /** Brings everything up to the clock's time. */
  refresh(): void;
}

export interface SimulatedFleetOptions {
  readonly blueprint: FleetBlueprint;
  readonly clock: Clock;
  readonly random: Random;
  /** How many times faster than the clock the fleet lives; 1 when absent. */
  readonly timeScale?: number;
}

export function createSimulatedFleet(options: SimulatedFleetOptions): SimulatedFleet {
  const time = createFleetTime(options.clock, options.timeScale ?? 1);
  const state = createFleetState(options.blueprint);
  const registry = createFleetRegistry(state, time);
  const loads = createFleetLoads(state, time, options.random.fork('loads'));
  loads.refresh();
  const signals = createFleetSignals(state, loads, time);
  const copies = createFleetCopies(state, time);
  const statistics = createFleetStatistics(state);
  const parts = { state, time, registry, loads, signals, copies, statistics };
  const controls = createFleetControls(parts);
  const moves = createFleetMoves(parts);

  function refresh(): void {
    copies.refresh();
    signals.refresh();
    controls.refresh();
    loads.refresh();
  }

  return {
    blueprint: options.blueprint,
    time,
    state,
    registry,
    moves,
    loads,
    signals,
    copies,
    controls,
    statistics,
    refresh,
  };
}
