import { ShardMovementService } from '../../gen/meshkit/shards/v1/shard_movement_pb.ts';
import { ShardControlService } from '../../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';
import { shardMoverContract } from '../../ports/shard-mover.contract.ts';
import { shardRegistryContract } from '../../ports/shard-registry.contract.ts';
import { telemetrySourcesContract } from '../../ports/telemetry-sources.contract.ts';
import { inProcessPorts } from '../../simulator/in-process-ports.ts';
import { createMovementService } from '../../simulator/movement-service.ts';
import { createShardControlService } from '../../simulator/shard-control-service.ts';
import { openGrpcFleet, openInProcessFleet } from './grpc-fleet.testing.ts';

shardRegistryContract('gRPC with replica sets', () => openGrpcFleet());
shardRegistryContract('gRPC with owners only', () =>
  openGrpcFleet(1, (router, fleet) => {
    router.service(ShardControlService, createShardControlService(fleet));
    router.service(ShardMovementService, createMovementService(inProcessPorts(fleet).mover));
  }),
);
shardRegistryContract('in process', openInProcessFleet);

shardMoverContract('gRPC', () => openGrpcFleet());
shardMoverContract('in process', openInProcessFleet);

telemetrySourcesContract('gRPC', () => openGrpcFleet());
telemetrySourcesContract('in process', openInProcessFleet);
