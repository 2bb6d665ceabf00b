import type { BudgetPolicy, Policy, SpreadRule } from '../../src/domain/policy.ts';
import { defaultPolicy } from '../../src/domain/policy-defaults.ts';
import { defaultDimensionPolicy } from '../../src/domain/policy-dimensions.ts';

/** What a case asks beyond the defaults. */
export interface BenchPolicyShape {
  readonly dimensions: readonly string[];
  readonly nodes: number;
  readonly replicas: number;
  readonly spread: Pick<SpreadRule, 'level' | 'minDomains'>;
  /** Weight of a dimension, 1 for those that are not named. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Load over capacity above which a node is over target; the default's when left out. */
  readonly targetUtilization?: number;
  /** How far above its fair share a node counts as balanced; the default's when left out. */
  readonly balanceTolerance?: number;
}

/** Candidates a plan may evaluate: for small fleets the default, for large ones so many per replica. */
const evaluationsPerReplica = 50;

/** Moves that run at once over the number of nodes; half of them in one zone, as the default has it. */
const movesPerNode = 0.1;

/**
 * The default policy, with one copy per domain, and without the bounds that people set so that they can read a plan:
 * a benchmark asks how well and how fast. Evaluations and concurrency grow with the fleet, limits per node do not.
 */
export function benchPolicy(shape: BenchPolicyShape): Policy {
  const base = defaultPolicy('bench', 'bench');
  const { dimensions, nodes, replicas, spread, weights, targetUtilization, balanceTolerance } = shape;
  const atOnce = Math.max(base.concurrency.namespace, Math.ceil(nodes * movesPerNode));
  return {
    ...base,
    dimensions: dimensions.map((name) => {
      const dimension = defaultDimensionPolicy(name);
      return {
        ...dimension,
        weight: weights?.[name] ?? dimension.weight,
        targetUtilization: targetUtilization ?? dimension.targetUtilization,
      };
    }),
    benefit: { ...base.benefit, ...(balanceTolerance === undefined ? {} : { balanceTolerance }) },
    budget: unbounded(Math.max(base.budget.maxEvaluations, replicas * evaluationsPerReplica)),
    concurrency: {
      ...base.concurrency,
      ...{ cluster: atOnce, namespace: atOnce, perZone: Math.max(4, Math.ceil(atOnce / 2)) },
    },
    placement: { ...base.placement, spread: [{ select: {}, maxPerDomain: 1, ...spread }] },
  };
}

function unbounded(maxEvaluations: number): BudgetPolicy {
  const most = Number.MAX_SAFE_INTEGER;
  // The time and memory that the bars speak of are those of one search.
  const searchLanes = 1;
  return {
    maxMoves: most,
    maxBytes: most,
    maxShareOfShards: 1,
    maxEvaluations,
    maxSearchMs: most,
    searchLanes,
  };
}
