import type { Incident } from '../domain/incident.ts';
import { isHealthy } from '../domain/node.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { CommitBatch } from '../ports/store.ts';
import type { CoreDeps } from './core-deps.ts';
import { incidentRecords } from './incident-records.ts';
import type { WorldView } from './namespace-world.ts';

export const massFailureTitle = 'mass failure';

/** One node that fails is what restores are for, however small the fleet; as the guardrail has it. */
const fewestNodes = 2;

/** A detected incident closes only once the share is below this part of policy's, so that it does not flap. */
export const closeBelow = 0.75;

/**
 * Opens an incident when too large a share of the nodes is unhealthy at once and closes it when that is over: what to
 * commit, empty when nothing changes.
 */
export function detectMassFailure(core: CoreDeps, view: WorldView, now: number): CommitBatch {
  const { snapshot, policy, incidents } = view;
  const known = snapshot.nodes.filter((node) => node.status !== 'left');
  const unhealthy = known.filter((node) => !isHealthy(node)).length;
  const share = known.length === 0 ? 0 : unhealthy / known.length;
  const limit = policy.incidents.maxUnhealthyShare;
  const open = incidents.find(
    (each) => each.source === 'detected' && each.namespace === snapshot.namespace && each.closedAt === 0,
  );
  const seen = `${unhealthy} of ${known.length} nodes are unhealthy`;
  if (!open && unhealthy >= fewestNodes && share >= limit) {
    const opened: Incident = {
      id: core.newId(),
      cluster: core.cluster,
      namespace: snapshot.namespace,
      severity: 'critical',
      title: massFailureTitle,
      source: 'detected',
      openedAt: now,
      openedBy: controllerPrincipal.id,
      reason: `${seen}, at or above policy's share of ${limit}`,
      closedAt: 0,
      closedBy: '',
      revision: 1,
    };
    return incidentRecords(opened, 'open', opened.reason, controllerPrincipal.id, 'internal');
  }
  if (open && (share <= limit * closeBelow || unhealthy < fewestNodes)) {
    const closed = { ...open, closedAt: now, closedBy: controllerPrincipal.id, revision: open.revision + 1 };
    return incidentRecords(closed, 'close', seen, controllerPrincipal.id, 'internal');
  }
  return {};
}
