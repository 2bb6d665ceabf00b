import { createRandom } from '../base/random.ts';
import type { ShardMover } from '../ports/shard-mover.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import type { BackpressureSource, LoadSource, PeerSource } from '../ports/telemetry-sources.ts';
import { createFleetFaults, type FleetFaults } from './fleet-faults.ts';
import { createFleetMover } from './fleet-mover.ts';
import {
  createFleetBackpressureSource,
  createFleetLoadSource,
  createFleetPeerSource,
  createFleetShardRegistry,
} from './fleet-sources.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

/** Every port of the rebalancer that a fleet serves. */
export interface FleetPorts {
  readonly registry: ShardRegistry;
  readonly mover: ShardMover;
  readonly loads: LoadSource;
  readonly peers: PeerSource;
  readonly backpressure: BackpressureSource;
}

/**
 * The ports directly on the fleet, without a transport: under the virtual clock a run is the same every time. Without
 * `faults` everything arrives, once and at once.
 */
export function inProcessPorts(
  fleet: SimulatedFleet,
  faults: FleetFaults = createFleetFaults(createRandom(0)),
): FleetPorts {
  return {
    registry: createFleetShardRegistry(fleet),
    mover: createFleetMover(fleet, faults),
    loads: createFleetLoadSource(fleet, faults),
    peers: createFleetPeerSource(fleet, faults),
    backpressure: createFleetBackpressureSource(fleet, faults),
  };
}
