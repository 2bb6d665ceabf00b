import loadHighs from 'highs';
import { type PlanningProblem, spreadRuleOf } from './problem.ts';

/** Whether a placement within the rules has a peak over mean of at most some ceiling, and the one that was found. */
export type ExactAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly peakToMean: number }
  /** The branches allowed did not suffice. */
  | { readonly kind: 'unknown' };

export interface ExactSolver {
  findWithin(problem: PlanningProblem, ceiling: number): ExactAnswer;
}

/** Nodes of the branch and bound. Counted, not timed: the same answer on every machine. */
const maxBranches = 20_000;

/** Above what any node of a small fleet carries, over the mean: asks only whether the rules can be kept. */
export const anyPeak = 1_000;

/**
 * HiGHS (Huangfu, Hall, "Parallelizing the dual revised simplex method", 2018) on: x(shard, node) = 1 where the node holds
 * one of the shard's replicas, which all carry the same; Σ load × x ≤ z × mean utilisation × effective capacity for every
 * node and dimension, 1 ≤ z ≤ ceiling, under hard limits, spread, label rules, pins and replicas per node. z is minimised,
 * which leads the search, but the first placement ends it: the question is only whether there is one. Other rules must not
 * be in the policy.
 */
export async function createExactSolver(): Promise<ExactSolver> {
  const highs = await loadHighs();
  return {
    findWithin: (problem, ceiling) =>
      highs.withModel({ format: 'lp', data: modelOf(problem, ceiling) }, (model): ExactAnswer => {
        // A gap of 1 is reached by any placement at all.
        model.options.set({ output_flag: false, mip_max_nodes: maxBranches, mip_rel_gap: 1 });
        model.run();
        if (model.getModelStatus() === highs.constants.modelStatus.infeasible) return { kind: 'none' };
        const peakToMean = Number(model.info.get('objective_function_value'));
        // Infinite without a placement.
        return peakToMean <= ceiling * (1 + 1e-6) ? { kind: 'found', peakToMean } : { kind: 'unknown' };
      }),
  };
}

/** The model as text in the LP format. */
function modelOf(problem: PlanningProblem, ceiling: number): string {
  const rows: string[] = [];
  const names: string[] = [];
  const { shardCount, shards, nodeCount, nodes, width, loads } = problem;
  const usable = Array.from({ length: nodeCount }, (_, n) => n).filter((n) => nodes.takes[n] === 1);
  const held = (s: number): number[] => {
    const { allowed } = problem.classes.classes[problem.classes.ofShard[s]];
    return usable.filter((n) => allowed === null || allowed[n] === 1);
  };
  for (let s = 0; s < shardCount; s++) {
    const own = held(s).map((n) => `x${s}_${n}`);
    names.push(...own);
    const copies = shards.replicaOffsets[s + 1] - shards.replicaOffsets[s];
    rows.push(`${sum(own)} = ${copies}`);
    spreadRows(problem, s, held(s), copies, rows, names);
  }
  const holders = (n: number): number[] =>
    Array.from({ length: shardCount }, (_, s) => s).filter((s) => held(s).includes(n));
  const perNode = problem.request.policy.placement.maxReplicasPerNode;
  for (const n of usable) {
    const mine = holders(n);
    if (mine.length === 0) continue;
    if (perNode > 0) rows.push(`${sum(mine.map((s) => `x${s}_${n}`))} <= ${perNode}`);
    for (let d = 0; d < width; d++) {
      const capacity = usable.reduce((total, each) => total + nodes.effective[each * width + d], 0);
      const mean = problem.totals[d] / capacity;
      const at = n * width + d;
      const fair = mean * nodes.effective[at];
      const weighted = (unit: number) =>
        sum(mine.map((s) => `${loads[shards.replicaOffsets[s] * width + d] / unit} x${s}_${n}`));
      rows.push(`${weighted(fair)} - z <= 0`);
      rows.push(`${weighted(nodes.hardLimit[at])} <= 1`);
    }
  }
  return `Minimize\n obj: z\nSubject To\n${rows.map((row, i) => ` r${i}: ${row}`).join('\n')}\nBounds\n 1 <= z <= ${ceiling}\nBinary\n ${names.join('\n ')}\nEnd\n`;
}

function spreadRows(
  problem: PlanningProblem,
  s: number,
  held: readonly number[],
  copies: number,
  rows: string[],
  names: string[],
): void {
  for (const rules of problem.spreadLevels) {
    const { level } = rules;
    const index = spreadRuleOf(rules, s);
    if (index < 0) continue;
    const rule = problem.request.policy.placement.spread[index];
    const domains = Map.groupBy(held, (n) => problem.nodes.domains[level].ofNode[n]);
    for (const [domain, members] of domains) {
      const inside = members.map((n) => `x${s}_${n}`);
      if (rule.maxPerDomain > 0) rows.push(`${sum(inside)} <= ${rule.maxPerDomain}`);
      rows.push(`${level}${s}_${domain} - ${inside.join(' - ')} <= 0`);
      names.push(`${level}${s}_${domain}`);
    }
    const used = [...domains.keys()].map((domain) => `${level}${s}_${domain}`);
    rows.push(`${sum(used)} >= ${Math.min(rule.minDomains, copies)}`);
  }
}

function sum(terms: readonly string[]): string {
  return terms.length > 0 ? terms.join(' + ') : '0 z';
}
