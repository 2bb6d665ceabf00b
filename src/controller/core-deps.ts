import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { PlanExecutor } from '../execution/plan-executor.ts';
import type { Planner } from '../ports/planner.ts';
import type { Store } from '../ports/store.ts';
import type { NamespaceWorld } from './namespace-world.ts';
import type { Serial } from './serial.ts';

/** What every command group and every namespace of one cluster shares. */
export interface CoreDeps {
  readonly cluster: string;
  readonly store: Store;
  readonly planner: Planner;
  readonly clock: Clock;
  /** Makes ids of plans and incidents: `time-ordered-id.ts`. */
  readonly newId: () => string;
  readonly log: Log;
  /** Aborts when the service stops. */
  readonly stopping: AbortSignal;
}

/** A namespace as commands see it; `namespace-controller.ts` is one. */
export interface NamespaceUnit {
  readonly namespace: string;
  readonly world: NamespaceWorld;
  readonly executor: PlanExecutor;
  /** Orders what makes plans, so that a person and the controller do not make one each. */
  readonly serial: Serial;
  /** Orders dry runs, so that they hold up neither the controller nor plans that are meant to run. */
  readonly dryRuns: Serial;
  /** Something changed that the controller should look at before its interval is over. */
  nudge(): void;
  /** Follows what became of the plan it waits for, without making one; called in a task of `serial`. */
  settle(): Promise<void>;
  /** Looks now, whatever back-off there is. */
  evaluateNow(): Promise<void>;
}

export type NamespaceUnits = ReadonlyMap<string, NamespaceUnit>;

export interface CommandDeps extends CoreDeps {
  readonly units: NamespaceUnits;
}
