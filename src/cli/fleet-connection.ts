import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { type Command, Option } from 'commander';
import { clientErrorOf } from '../client/client-error.ts';
import { ProblemError } from '../domain/problem.ts';
import { FleetSimulatorService } from '../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { parseAddress } from './address.ts';

export const defaultFleetAddress = 'http://127.0.0.1:7500';

export interface FleetOptions {
  readonly fleet: string;
}

export function withFleet(command: Command): Command {
  return command.addOption(
    new Option('--fleet <url>', 'address of the simulated fleet (MESH_FLEET)')
      .env('MESH_FLEET')
      .default(defaultFleetAddress),
  );
}

export async function callFleet<T>(
  options: FleetOptions,
  ask: (client: Client<typeof FleetSimulatorService>) => Promise<T>,
): Promise<T> {
  // A variable that is set to nothing is as good as one that is not set.
  const address = parseAddress(options.fleet || defaultFleetAddress, '--fleet', defaultFleetAddress);
  try {
    return await ask(
      createClient(
        FleetSimulatorService,
        createGrpcTransport({ baseUrl: address, defaultTimeoutMs: 30_000 }),
      ),
    );
  } catch (thrown) {
    const error = clientErrorOf(thrown, address);
    throw error.unreachable ? fleetAway(address) : error;
  }
}

function fleetAway(address: string): ProblemError {
  return new ProblemError({
    code: 'FLEET_UNREACHABLE',
    message: `no simulated fleet answers at ${address}`,
    field: '--fleet',
    subject: address,
    remedy: 'Start one with mesh fleet simulate, or name its address with --fleet or MESH_FLEET.',
  });
}
