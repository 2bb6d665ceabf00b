import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Rebalancer } from '../controller/rebalancer.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { Store } from '../ports/store.ts';
import type { TelemetryIntake } from '../ports/telemetry-intake.ts';

/** What the services are made of. */
export interface ApiDeps {
  readonly rebalancer: Rebalancer;
  readonly authenticator: Authenticator;
  /** Denials are audited here; nothing else is written by the API itself. */
  readonly store: Pick<Store, 'commit'>;
  /** Where telemetry goes that agents push. */
  readonly telemetry: TelemetryIntake;
  readonly clock: Clock;
  readonly log: Log;
  readonly cluster: string;
  /** Version of the program. */
  readonly version: string;
}
