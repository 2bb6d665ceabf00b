import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Rebalancer } from '../controller/rebalancer.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { TelemetryIntake } from '../ports/telemetry-intake.ts';
import type { TransportStats } from '../transport/transport-stats.ts';
import type { DenialRecorder } from './denial.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** What the services are made of. */
export interface ApiDeps {
  readonly rebalancer: Rebalancer;
  readonly authenticator: Authenticator;
  readonly denials: DenialRecorder;
  readonly rateLimiter: RateLimiter;
  /** Where telemetry goes that agents push. */
  readonly telemetry: TelemetryIntake;
  readonly clock: Clock;
  readonly log: Log;
  readonly cluster: string;
  readonly stats: TransportStats;
  /** HTTP versions that are served now: `h3`, `h2`, `h1`. */
  readonly transports: () => readonly string[];
  /** Version of the program. */
  readonly version: string;
}
