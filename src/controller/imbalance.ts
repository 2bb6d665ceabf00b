import type { ControllerRecord } from '../domain/controller-state.ts';
import { mustBeVacated, takesReplicas } from '../domain/node.ts';
import type { DimensionBalance } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import { dimensionPolicies } from '../domain/policy-dimensions.ts';
import { replicaCount, type Snapshot } from '../domain/snapshot.ts';

/** One measured signal with the levels between which it keeps what it last said. */
export interface TriggerReading {
  /** `peakToMean/cpu`, `overTarget`, `distress`, `nodeMustBeVacated/n3`. */
  readonly name: string;
  readonly value: number;
  /** Above this it fires; at `clear` or below it is over. */
  readonly enter: number;
  readonly clear: number;
}

/** Nodes named one by one among the triggers; the rest still count as to be vacated. */
const maxVacateTriggers = 16;

const vacatePrefix = 'nodeMustBeVacated';

export interface ImbalanceInput {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly balances: readonly DimensionBalance[];
  /** nodes × dimensions of the snapshot, row per node. */
  readonly nodeLoads: Float64Array;
  /** Per node, 0..1. */
  readonly distress: Float64Array;
}

/** Every signal that policy's triggers speak of, as the snapshot shows it. */
export function readTriggers(input: ImbalanceInput): readonly TriggerReading[] {
  const { triggers } = input.policy;
  const peaks = input.balances.map((balance) => ({
    name: `peakToMean/${balance.dimension}`,
    value: balance.peakToMean,
    ...triggers.peakToMean,
  }));
  const vacate = nodesToVacate(input.snapshot)
    .nodes.slice(0, maxVacateTriggers)
    .map((node) => ({ name: `${vacatePrefix}/${node}`, value: 1, enter: 0, clear: 0 }));
  return [
    ...vacate,
    ...peaks,
    { name: 'overTarget', value: worstOverTarget(input), ...triggers.overTarget },
    { name: 'distress', value: worstDistress(input), ...triggers.distress },
  ];
}

/** Names of the readings that hold: above `enter`, or above `clear` when they held before. */
export function triggersThatHold(readings: readonly TriggerReading[], held: readonly string[]): string[] {
  return readings
    .filter((each) => each.value > each.enter || (held.includes(each.name) && each.value > each.clear))
    .map((each) => each.name);
}

/** A node that must be vacated waits for no confirmation: death was confirmed by gossip, draining by a person. */
export function isUrgent(trigger: string): boolean {
  return trigger.startsWith(vacatePrefix);
}

/** What a plan says made the controller look: `peakToMean`, `nodeMustBeVacated`, ... */
export function mainTrigger(record: Pick<ControllerRecord, 'triggers'>): string {
  const first = record.triggers.find(isUrgent) ?? record.triggers[0] ?? '';
  return first.split('/')[0] ?? '';
}

export interface VacateNeed {
  /** Nodes that must be vacated and still hold replicas, sorted. */
  readonly nodes: readonly string[];
  /** restore: at least one of them is dead or has left, so that redundancy is at stake. */
  readonly kind: 'none' | 'drain' | 'restore';
}

export function nodesToVacate(snapshot: Snapshot): VacateNeed {
  const holds = new Uint8Array(snapshot.nodes.length);
  const { replicaNodes } = snapshot.shards;
  for (let row = 0; row < replicaCount(snapshot.shards); row++) holds[replicaNodes[row] ?? 0] = 1;
  const found = snapshot.nodes.filter((node, index) => holds[index] === 1 && mustBeVacated(node));
  const lost = found.some((node) => node.status === 'dead' || node.status === 'left');
  return {
    nodes: found.map((node) => node.id),
    kind: found.length === 0 ? 'none' : lost ? 'restore' : 'drain',
  };
}

/** Largest load over target of any node that takes replicas, in any dimension that has a target there. */
function worstOverTarget({ snapshot, policy, nodeLoads }: ImbalanceInput): number {
  const dimensions = snapshot.dimensions.length;
  const wantedDimensions = dimensionPolicies(policy, snapshot);
  let worst = 0;
  snapshot.dimensions.forEach((dimension, column) => {
    const wanted = wantedDimensions.find((each) => each.name === dimension.name);
    if (!wanted) return;
    snapshot.nodes.forEach((node, index) => {
      const target = node.target?.[column] ?? (node.capacity[column] ?? 0) * wanted.targetUtilization;
      if (target <= 0 || !takesReplicas(node)) return;
      worst = Math.max(worst, (nodeLoads[index * dimensions + column] ?? 0) / target);
    });
  });
  return worst;
}

function worstDistress({ snapshot, distress }: ImbalanceInput): number {
  let worst = 0;
  snapshot.nodes.forEach((node, index) => {
    const value = distress[index] ?? 0;
    if (takesReplicas(node) && value > worst) worst = value;
  });
  return worst;
}
