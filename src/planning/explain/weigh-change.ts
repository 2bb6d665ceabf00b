import type { Refusal } from '../../domain/explanation.ts';
import type { ObstacleCode } from '../../domain/plan.ts';
import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';
import { rounded } from '../rounded.ts';
import { type Deltas, gainOf, negligible, type SearchEngine } from '../search/search-engine.ts';

/** What a candidate would do to the objective, whether the rules let it or not. */
export interface Weighed {
  readonly deltas: Deltas;
  readonly gain: number;
  readonly price: number;
  /** Whether it would only even out, and a node became hotter than the fleet's hottest: the peak outranks the balance. */
  readonly raisesPeak: boolean;
  /** Better lexicographically, by more than rounding. */
  readonly isBetter: boolean;
  /** Better, and worth policy's multiple of its price. */
  readonly isWorthwhile: boolean;
  /** The first rule that refuses it, or the budget; null when it is allowed. */
  readonly refusedBy: { readonly rule: string; readonly code: ObstacleCode } | null;
}

/** Levels above the peak, the most important first. */
const levels = ['violations', 'vacate', 'excess'] as const satisfies readonly (keyof Deltas)[];

/** Negative when `left` is the better candidate. */
export function compareWeighed(left: Weighed, right: Weighed): number {
  for (const level of levels) {
    const difference = left.deltas[level] - right.deltas[level];
    if (Math.abs(difference) > negligible) return difference;
  }
  if (left.raisesPeak !== right.raisesPeak) return left.raisesPeak ? 1 : -1;
  const difference = left.deltas.balance - right.deltas.balance;
  return Math.abs(difference) > negligible ? difference : 0;
}

/** Better than nothing, lexicographically. */
function isBetter(deltas: Deltas, raisesPeak: boolean): boolean {
  for (const level of levels) if (Math.abs(deltas[level]) > negligible) return deltas[level] < 0;
  return !raisesPeak && deltas.balance < -negligible;
}

/** Weighs a relocation or a transfer; what a rule that refuses would count as violated is left out. */
export function weigh(engine: SearchEngine, change: Change): Weighed {
  const { constraints, budget, deltas } = engine;
  engine.score(change);
  let refusedBy: Weighed['refusedBy'] = null;
  let violations = 0;
  for (const constraint of constraints) {
    const delta = constraint.delta(change);
    if (delta !== Number.POSITIVE_INFINITY) violations += delta;
    else if (refusedBy === null) {
      const code = constraint.refusal?.(change).obstacle ?? constraint.obstacle;
      refusedBy = { rule: constraint.name, code };
    }
  }
  deltas.violations = violations;
  const spent = budget.refuses(change);
  if (refusedBy === null && spent !== null) refusedBy = { rule: budgetRule, code: spent };
  const weighed = { ...deltas };
  // Where a more important level decides, the peak does not.
  const raisesPeak =
    levels.every((level) => Math.abs(weighed[level]) <= negligible) && engine.isTooHot(change);
  return {
    deltas: weighed,
    gain: gainOf(weighed),
    price: engine.prices.of(change),
    raisesPeak,
    isBetter: isBetter(weighed, raisesPeak),
    isWorthwhile: engine.isWorthwhile(change),
    refusedBy,
  };
}

const budgetRule = 'budget of the plan';

/** What every rule that refuses the candidate says, the budget last. */
export function refusalsOf(engine: SearchEngine, change: Change): readonly Refusal[] {
  const refusals = engine.constraints
    .filter((constraint) => constraint.delta(change) === Number.POSITIVE_INFINITY)
    .map((constraint) => refusalOf(constraint, change, engine.state));
  const spent = engine.budget.refuses(change);
  return spent === null ? refusals : [...refusals, budgetRefusal(engine, spent)];
}

function refusalOf(constraint: Constraint, change: Change, state: PlacementState): Refusal {
  const note = constraint.refusal?.(change);
  const { id } = state.problem.request.snapshot.nodes[change.to];
  return {
    rule: constraint.name,
    code: note?.obstacle ?? constraint.obstacle,
    subject: note?.subject ?? `node/${id}`,
    dimension: note?.dimension ?? '',
    observed: note?.observed ?? 0,
    limit: note?.limit ?? 0,
    message: note?.message ?? `"${constraint.name}" forbids node ${id}`,
  };
}

function budgetRefusal({ budget, state }: SearchEngine, code: ObstacleCode): Refusal {
  const { problem } = state;
  const { maxMoves, maxBytes, maxShareOfShards } = problem.request.policy.budget;
  const [what, observed, limit] =
    code === 'budgetBytes'
      ? ['bytes copied', budget.bytes, maxBytes]
      : code === 'budgetShare'
        ? ['share of the shards', budget.shards / Math.max(1, problem.shardCount), maxShareOfShards]
        : ['moves', budget.moves, maxMoves];
  const message = `the plan has used its budget of ${what}: ${rounded(observed)} of ${rounded(limit)}`;
  return { rule: budgetRule, code, subject: 'plan/budget', dimension: '', observed, limit, message };
}
