import type { Snapshot } from '../domain/snapshot.ts';
import { defaultBehaviour, type FleetBehaviour, type FleetBlueprint } from './fleet-blueprint.ts';

/** Dimensions that are bytes at rest: a copy holds them while it runs, and they do not follow the time of day. */
const atRest: ReadonlySet<string> = new Set(['memory', 'disk', 'storage']);

/** A fleet that begins as the snapshot shows it; dead nodes are dead from the start. */
export function fleetFromSnapshot(
  snapshot: Snapshot,
  behaviour: Partial<FleetBehaviour> = {},
): FleetBlueprint {
  return {
    cluster: snapshot.cluster,
    namespace: snapshot.namespace,
    dimensions: snapshot.dimensions.map(({ name, unit }) => ({
      name,
      unit,
      elastic: !atRest.has(name),
      transient: atRest.has(name),
    })),
    nodes: snapshot.nodes,
    shards: snapshot.shards,
    behaviour: { ...defaultBehaviour, ...behaviour },
  };
}
