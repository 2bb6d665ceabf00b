import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import {
  type FleetSimulatorService,
  type InjectFaultRequest,
  type Placement,
  PlacementSchema,
  type ShardSelection as WireSelection,
} from '../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import type { ShardSelection } from './fleet-controls.ts';
import { type FaultSettings, type FleetFaults, noFaults } from './fleet-faults.ts';
import { reportFleet } from './fleet-report.ts';
import { outOfRange } from './out-of-range.ts';
import { valueOrRpcError } from './rpc-problem.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

/** Control of the fleet. `shutdown` is called after its own answer went out. */
export function createSimulatorService(
  fleet: SimulatedFleet,
  faults: FleetFaults,
  shutdown: () => void,
): ServiceImpl<typeof FleetSimulatorService> {
  const { controls } = fleet;
  return {
    getFleet: (request) => reportFleet(fleet, request),
    killNode: (request) => ({ replicas: valueOrRpcError(controls.kill(request.node)) }),
    reviveNode(request) {
      valueOrRpcError(controls.revive(request.node));
      return {};
    },
    slowNode(request) {
      valueOrRpcError(controls.slow(request.node, request.latencyFactor || 1, request.copyRateFactor || 1));
      return {};
    },
    setHotSpot: (request) => ({
      shards: valueOrRpcError(controls.hotSpot(selectionOf(request.select), request.factor)),
    }),
    burst: (request) => ({
      shards: valueOrRpcError(
        controls.burst(selectionOf(request.select), request.factor, Number(request.durationMs)),
      ),
    }),
    setQueueBacklog(request) {
      valueOrRpcError(controls.queueBacklog(request.node, Number(request.pendingCount)));
      return {};
    },
    setErrorRate(request) {
      valueOrRpcError(controls.errorRate(request.node, request.errorRate));
      return {};
    },
    injectFault(request) {
      faults.set(valueOrRpcError(settingsOf(request)));
      return {};
    },
    exportAssignment: () => ({ placements: placementsOf(fleet) }),
    resetStatistics() {
      fleet.refresh();
      fleet.statistics.reset();
      return {};
    },
    shutdown() {
      shutdown();
      return {};
    },
  };
}

function selectionOf(select: WireSelection | undefined): ShardSelection {
  return { nodes: select?.nodes ?? [], prefix: select?.prefix ?? '', limit: Math.max(0, select?.limit ?? 0) };
}

function placementsOf(fleet: SimulatedFleet): Placement[] {
  const { shards, nodes } = fleet.blueprint;
  return Array.from(fleet.state.replicaNodes, (node, row) =>
    create(PlacementSchema, {
      shard: shards.ids[fleet.state.replicaShards[row] ?? 0] ?? '',
      replica: shards.replicaNumbers[row] ?? 0,
      node: nodes[node]?.id ?? '',
      leads: fleet.state.replicaLeads[row] === 1,
    }),
  );
}

const refusableSteps = ['prepare', 'drain', 'transfer', 'release'] as const;

/** Problem: FIELD_INVALID for a share outside 0..1, a negative delay or a step that does not exist. */
function settingsOf(request: InjectFaultRequest): Result<FaultSettings, Problem> {
  const shares = {
    dropAnswerShare: request.dropAnswerShare,
    dropRequestShare: request.dropRequestShare,
    duplicateShare: request.duplicateShare,
    delayShare: request.delayShare,
    refuseShare: request.refuseShare,
  };
  for (const [field, share] of Object.entries(shares)) {
    if (!(share >= 0 && share <= 1)) return err(outOfRange(field, String(share), '0..1'));
  }
  if (request.delayMs < 0n) return err(outOfRange('delayMs', String(request.delayMs), 'at least 0'));
  const refuseStep = refusableSteps.find((step) => step === request.refuseStep) ?? null;
  if (request.refuseStep !== '' && refuseStep === null) {
    return err(outOfRange('refuseStep', request.refuseStep, refusableSteps.join(', ')));
  }
  return ok({
    ...noFaults,
    ...shares,
    delayMs: Number(request.delayMs),
    stallPrepares: request.stallPrepares,
    refuseStep,
    refuseRetryable: request.refuseRetryable,
  });
}
