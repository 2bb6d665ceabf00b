import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { FleetFaults } from './fleet-faults.ts';
import { fleetRoutes } from './fleet-services.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

export interface FleetServerOptions {
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
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** Time for the answer to a shutdown to leave. */
const shutdownGraceMs = 50;

/** Serves a fleet by gRPC over HTTP/2 without TLS. Problem: LISTEN_FAILED. */
export async function startFleetServer(options: FleetServerOptions): Promise<Result<FleetServer, Problem>> {
  const shutdown = (): void => {
    options.clock.schedule(shutdownGraceMs, () => options.onShutdown?.());
  };
  const routes = fleetRoutes(options.fleet, options.faults, shutdown);
  const server = createServer({}, connectNodeAdapter({ routes }));
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', (error) => options.log.debug('a connection broke', { error: error.message }));
  });

  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  try {
    await listening;
  } catch (error) {
    return err({
      code: 'LISTEN_FAILED',
      message: `${options.host}:${options.port} cannot be listened on: ${(error as Error).message}`,
      value: `${options.host}:${options.port}`,
    });
  }
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return ok({
    url: `http://${host}:${port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy();
      return closed;
    },
  });
}
