import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { listenPlainly } from '../transport/plain-listener.ts';
import type { FleetFaults } from './fleet-faults.ts';
import { fleetRoutes } from './fleet-services.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

export interface FleetServerOptions {
  /** Loopback only: there is neither TLS nor a credential. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly fleet: SimulatedFleet;
  readonly faults: FleetFaults;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when somebody asks the fleet to end; its answer has gone out by then. */
  readonly onShutdown?: () => void;
}

export interface FleetServer {
  /** `http://127.0.0.1:7400`. */
  readonly url: string;
  /** Ends the streams, then the connections. */
  close(): Promise<void>;
}

/** Time for the answer to a shutdown to leave. */
const shutdownGraceMs = 50;

/** Serves a fleet by gRPC over HTTP/2 without TLS. Problems: LISTEN_INSECURE, LISTEN_FAILED. */
export async function startFleetServer(options: FleetServerOptions): Promise<Result<FleetServer, Problem>> {
  const { host, port, fleet, faults, clock, log } = options;
  const shutdown = (): void => {
    clock.schedule(shutdownGraceMs, () => options.onShutdown?.());
  };
  const listener = await listenPlainly({
    host,
    port,
    dev: true,
    routes: fleetRoutes(fleet, faults, shutdown),
    log,
  });
  return listener.ok ? ok({ url: listener.value.url, close: () => listener.value.close() }) : listener;
}
