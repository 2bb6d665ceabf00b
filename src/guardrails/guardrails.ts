import type { Guardrail } from './guardrail.ts';
import { benefit } from './rules/benefit.ts';
import { bytesPerPlan } from './rules/bytes-per-plan.ts';
import { capacity } from './rules/capacity.ts';
import { changeTicket } from './rules/change-ticket.ts';
import { changeWindow } from './rules/change-window.ts';
import { concentrationLoad } from './rules/concentration-load.ts';
import { concentrationReplicas } from './rules/concentration-replicas.ts';
import { concurrencyCluster } from './rules/concurrency-cluster.ts';
import { concurrencyNamespace } from './rules/concurrency-namespace.ts';
import { concurrencyNodeIn } from './rules/concurrency-node-in.ts';
import { concurrencyNodeOut } from './rules/concurrency-node-out.ts';
import { concurrencyZone } from './rules/concurrency-zone.ts';
import { cooldownNamespace } from './rules/cooldown-namespace.ts';
import { cooldownNode } from './rules/cooldown-node.ts';
import { cooldownShard } from './rules/cooldown-shard.ts';
import { destinationBackpressure } from './rules/destination-backpressure.ts';
import { destinationUnhealthy } from './rules/destination-unhealthy.ts';
import { freeze } from './rules/freeze.ts';
import { incident } from './rules/incident.ts';
import { massFailure } from './rules/mass-failure.ts';
import { minHealthyReplicas } from './rules/min-healthy-replicas.ts';
import { movesPerPlan } from './rules/moves-per-plan.ts';
import { oscillation } from './rules/oscillation.ts';
import { replicaInFlight } from './rules/replica-in-flight.ts';
import { shareOfShards } from './rules/share-of-shards.ts';
import { spread } from './rules/spread.ts';
import { telemetryIncomplete } from './rules/telemetry-incomplete.ts';
import { telemetryStale } from './rules/telemetry-stale.ts';

/**
 * Every guardrail there is, in the order in which verdicts are shown: what concerns safety first, then the state of the
 * world, the change process, the plan's size, its sense, and last what passes by itself within moments. The test beside
 * this file proves that every GUARDRAIL_* code has exactly one rule here.
 */
export const guardrails: readonly Guardrail[] = [
  minHealthyReplicas,
  replicaInFlight,
  spread,
  capacity,
  concentrationReplicas,
  concentrationLoad,
  destinationUnhealthy,
  massFailure,
  incident,
  telemetryStale,
  telemetryIncomplete,
  freeze,
  changeWindow,
  changeTicket,
  movesPerPlan,
  bytesPerPlan,
  shareOfShards,
  benefit,
  oscillation,
  cooldownShard,
  cooldownNode,
  cooldownNamespace,
  destinationBackpressure,
  concurrencyCluster,
  concurrencyNamespace,
  concurrencyNodeIn,
  concurrencyNodeOut,
  concurrencyZone,
];
