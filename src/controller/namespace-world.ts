import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Incident } from '../domain/incident.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { AdminState } from '../domain/node.ts';
import type { DimensionBalance } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { measureBalance, nodeLoads } from '../planning/balance.ts';
import type { Store } from '../ports/store.ts';
import type { NodeScores } from '../scoring/node-scores.ts';
import { scoreNodes } from '../scoring/score-nodes.ts';
import type { ScoringAdapter } from '../scoring/scoring-adapter.ts';
import { nodesToVacate, readTriggers, type TriggerReading, type VacateNeed } from './imbalance.ts';
import type { Problems } from './problems.ts';
import { someProblems } from './problems.ts';

/** What freezes snapshots: `telemetry/fleet-telemetry.ts`. */
export interface SnapshotSource {
  freeze(policy: Policy, adminStates: ReadonlyMap<string, AdminState>): Result<Snapshot, readonly Problem[]>;
}

/** One look at a namespace: everything that decisions, plans and executions are judged by, of one moment. */
export interface WorldView {
  readonly snapshot: Snapshot;
  /** Effective; its revision is the sum of the cluster's and the namespace's, so that a change of either shows. */
  readonly policy: Policy;
  readonly clusterPolicy: Policy;
  /** Open ones of the namespace and of the whole cluster. */
  readonly incidents: readonly Incident[];
  readonly scores: NodeScores;
  readonly balances: readonly DimensionBalance[];
  /** nodes × dimensions of the snapshot, row per node. */
  readonly nodeLoads: Float64Array;
  readonly readings: readonly TriggerReading[];
  readonly vacate: VacateNeed;
  /** Within the longest of policy's cooldowns and the oscillation window. */
  readonly moveTraces: readonly MoveTrace[];
}

export interface NamespaceWorld {
  readonly namespace: string;
  /** Looks anew. Problems: those of freezing (SNAPSHOT_*) and scoring (POLICY_ADAPTER_*). */
  look(): Promise<Result<WorldView, Problems>>;
  /** The newest look if it is not older than `maxGlanceAgeMs`, else a new one: for reads that many may make. */
  glance(): Promise<Result<WorldView, Problems>>;
  /** The newest look that succeeded. */
  view(): WorldView | undefined;
  /** The look that this fleet under this policy would have been. Problems: POLICY_ADAPTER_*. */
  suppose(view: WorldView, snapshot: Snapshot, policy: Policy): Result<WorldView, Problems>;
  /** How distressed the nodes of a snapshot are under a policy. Problems: POLICY_ADAPTER_*. */
  score(snapshot: Snapshot, policy: Policy): Result<NodeScores, Problems>;
  /** The effective policies of now, also while there is no snapshot. */
  policies(): Promise<Policies>;
  // What executions see (`ExecutionWorld`); policies are ours by default until the first look.
  snapshot(): Snapshot | undefined;
  policy(): Policy;
  clusterPolicy(): Policy;
  incidents(): readonly Incident[];
  distress(): Float64Array | undefined;
  moveTraces(): readonly MoveTrace[];
}

export interface NamespaceWorldDeps {
  readonly cluster: string;
  readonly namespace: string;
  readonly store: Store;
  readonly telemetry: SnapshotSource;
  readonly scoringAdapters: readonly ScoringAdapter[];
  readonly clock: Clock;
}

/** Freezing a million replicas takes a fifth of a second: reads share one look within this time. */
export const maxGlanceAgeMs = 1_000;

export function createNamespaceWorld(deps: NamespaceWorldDeps): NamespaceWorld {
  const { cluster, namespace } = deps;
  const unset = effectivePolicy(cluster, namespace, undefined, undefined, 0);
  const unsetCluster = effectivePolicy(cluster, '', undefined, undefined, 0);
  let latest: WorldView | undefined;
  // One object per revision: telemetry keeps its smoothing as long as it is given the same policy.
  let known: Policies = { policy: unset, clusterPolicy: unsetCluster };
  async function policies(): Promise<Policies> {
    const read = await readPolicies(deps);
    const same =
      read.policy.revision === known.policy.revision &&
      read.clusterPolicy.revision === known.clusterPolicy.revision;
    if (!same) known = read;
    return known;
  }
  async function look(): Promise<Result<WorldView, Problems>> {
    const seen = await lookNow(deps, await policies());
    if (seen.ok) latest = seen.value;
    return seen;
  }
  return {
    namespace,
    look,
    async glance() {
      const age = latest ? deps.clock.now() - latest.snapshot.takenAt : Number.POSITIVE_INFINITY;
      return latest && age <= maxGlanceAgeMs ? ok(latest) : look();
    },
    view: () => latest,
    suppose: (view, snapshot, policy) => lookAt(deps, { ...view, snapshot, policy }),
    score: (snapshot, policy) => scoresOf(deps, snapshot, policy),
    policies,
    snapshot: () => latest?.snapshot,
    policy: () => latest?.policy ?? unset,
    clusterPolicy: () => latest?.clusterPolicy ?? unsetCluster,
    incidents: () => latest?.incidents ?? [],
    distress: () => latest?.scores.distress,
    moveTraces: () => latest?.moveTraces ?? [],
  };
}

interface Policies {
  readonly policy: Policy;
  readonly clusterPolicy: Policy;
}

async function lookNow(
  deps: NamespaceWorldDeps,
  { policy, clusterPolicy }: Policies,
): Promise<Result<WorldView, Problems>> {
  const { cluster, namespace, store } = deps;
  const admin = await store.nodeAdminStates(cluster);
  const open = await store.incidents({ cluster, openOnly: true });
  const moveTraces = await store.moveTraces(cluster, namespace, deps.clock.now() - longestMemory(policy));
  const frozen = deps.telemetry.freeze(policy, new Map(admin.map((each) => [each.node, each.adminState])));
  if (!frozen.ok) return err(someProblems(frozen.error, `namespace ${namespace} has no snapshot`));
  return lookAt(deps, {
    snapshot: frozen.value,
    policy,
    clusterPolicy,
    incidents: open.filter((each) => each.namespace === '' || each.namespace === namespace),
    moveTraces,
  });
}

/** Everything that follows from a snapshot, a policy and what was read beside them. */
function lookAt(
  deps: NamespaceWorldDeps,
  seen: Pick<WorldView, 'snapshot' | 'policy' | 'clusterPolicy' | 'incidents' | 'moveTraces'>,
): Result<WorldView, Problems> {
  const { snapshot, policy, clusterPolicy, incidents, moveTraces } = seen;
  const scored = scoresOf(deps, snapshot, policy);
  if (!scored.ok) return scored;
  const scores = scored.value;
  const balances = measureBalance(snapshot, policy, scores.distress);
  const loads = nodeLoads(snapshot);
  const input = { snapshot, policy, balances, nodeLoads: loads, distress: scores.distress };
  return ok({
    snapshot,
    policy,
    clusterPolicy,
    incidents,
    scores,
    balances,
    nodeLoads: loads,
    readings: readTriggers(input),
    vacate: nodesToVacate(snapshot),
    moveTraces,
  });
}

function scoresOf(
  { namespace, scoringAdapters }: NamespaceWorldDeps,
  snapshot: Snapshot,
  policy: Policy,
): Result<NodeScores, Problems> {
  const scored = scoreNodes(snapshot, policy.scoring, scoringAdapters);
  if (scored.ok) return scored;
  return err(someProblems(scored.error, `the nodes of ${namespace} could not be scored`));
}

async function readPolicies({ cluster, namespace, store }: NamespaceWorldDeps): Promise<Policies> {
  const ofCluster = await store.policy(cluster, '');
  const own = await store.policy(cluster, namespace);
  const clusterRevision = ofCluster?.revision ?? 0;
  const revision = clusterRevision + (own?.revision ?? 0);
  return {
    policy: effectivePolicy(cluster, namespace, ofCluster?.overlay, own?.overlay, revision),
    clusterPolicy: effectivePolicy(cluster, '', ofCluster?.overlay, undefined, clusterRevision),
  };
}

/** How long ago a move may be and still matter: the longest cooldown or oscillation window, milliseconds. */
export function longestMemory({ cooldown }: Policy): number {
  return Math.max(cooldown.shardMs, cooldown.nodeMs, cooldown.oscillationWindowMs);
}
