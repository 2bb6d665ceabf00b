import type { ConnectRouter } from '@connectrpc/connect';
import { BackpressureService } from '../gen/meshkit/backpressure/v1/backpressure_pb.ts';
import { PeerHealthService } from '../gen/meshkit/peers/v1/peer_health_pb.ts';
import { ReplicaSetService } from '../gen/meshkit/shards/v1/replica_set_pb.ts';
import { ShardMovementService } from '../gen/meshkit/shards/v1/shard_movement_pb.ts';
import { FleetSimulatorService } from '../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { ShardControlService } from '../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';
import type { FleetFaults } from './fleet-faults.ts';
import { inProcessPorts } from './in-process-ports.ts';
import { createMovementService } from './movement-service.ts';
import { createShardControlService } from './shard-control-service.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';
import { createSimulatorService } from './simulator-service.ts';
import {
  createBackpressureService,
  createPeerHealthService,
  createReplicaSetService,
} from './telemetry-services.ts';

/** Every service of a fleet, for a router of any transport. */
export function fleetRoutes(fleet: SimulatedFleet, faults: FleetFaults, shutdown: () => void) {
  const ports = inProcessPorts(fleet, faults);
  return (router: ConnectRouter): void => {
    router.service(ShardControlService, createShardControlService(fleet));
    router.service(ShardMovementService, createMovementService(ports.mover));
    router.service(ReplicaSetService, createReplicaSetService(fleet, ports));
    router.service(PeerHealthService, createPeerHealthService(ports));
    router.service(BackpressureService, createBackpressureService(ports));
    router.service(FleetSimulatorService, createSimulatorService(fleet, faults, shutdown));
  };
}
