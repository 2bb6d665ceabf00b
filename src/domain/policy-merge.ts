import type { Policy, SchedulePolicy } from './policy.ts';
import { defaultPolicy } from './policy-defaults.ts';
import type { PolicyOverlay } from './policy-overlay.ts';

/**
 * The policy that holds for a namespace: our defaults, overlaid by the cluster's policy, overlaid by the namespace's.
 * A field that an overlay leaves out (or has `undefined`) comes from below; a list replaces the whole list; `null`
 * removes the schedule. `concurrency.cluster` bounds what namespaces share, so only the cluster's overlay sets it.
 *
 * @param namespace empty for the cluster's own policy
 * @param revision that of the newest document among the overlays; 0 when there is none
 */
export function effectivePolicy(
  cluster: string,
  namespace: string,
  clusterOverlay: PolicyOverlay | undefined,
  namespaceOverlay: PolicyOverlay | undefined,
  revision: number,
): Policy {
  const base = defaultPolicy(cluster, namespace);
  const withCluster = applyOverlay(base, clusterOverlay);
  const withNamespace = applyOverlay(withCluster, namespaceOverlay);
  return {
    ...withNamespace,
    concurrency: { ...withNamespace.concurrency, cluster: withCluster.concurrency.cluster },
    cluster,
    namespace,
    revision,
  };
}

/** The base with every field of the overlay in the place of its own. */
export function applyOverlay(base: Policy, overlay: PolicyOverlay | undefined): Policy {
  if (!overlay) return base;
  // A schedule that names only its cron expression means UTC; an expression left out fails validation.
  const unscheduled: SchedulePolicy = { cron: '', timeZone: 'UTC' };
  const schedule = overlay.schedule ? (base.schedule ?? unscheduled) : base.schedule;
  return merge({ ...base, schedule }, overlay) as Policy;
}

function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) merged[name] = merge(base[name], value);
  return merged;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
