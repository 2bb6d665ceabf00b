import { formatDuration } from '../../base/duration.ts';
import type { Move } from '../../domain/move.ts';
import type { MoveTrace } from '../../domain/move-trace.ts';
import type { Node } from '../../domain/node.ts';
import type { PlanKind, Policy } from '../../domain/policy.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { isUrgent, vacates } from '../exemptions.ts';
import type { Guardrail } from '../guardrail.ts';
import { judgeEach } from '../judge-each.ts';
import { traceIndex } from '../trace-index.ts';
import { isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_OSCILLATION';

/**
 * A shard may return to nodes that it left within `cooldown.oscillationWindowMs` at most `maxReturns` times in that
 * window; more is thrash, which costs copies and helps nobody. Drains, restores, rollbacks, and moves off a node that
 * must be vacated are exempt, and so are moves of the same plan.
 */
export const oscillation: Guardrail = {
  code,
  plan: {
    phases: ['create'],
    judge: (context) =>
      judgeEach(code, context, 'No shard returns too often to a node that it left.', ({ move, sourceNode }) =>
        judge({ ...context, planId: context.planId ?? '' }, move, sourceNode),
      ),
  },
  move: (context, { move, sourceNode }) => judge(context, move, sourceNode),
};

interface Facts {
  readonly now: number;
  readonly policy: Policy;
  readonly kind: PlanKind;
  readonly moveTraces: readonly MoveTrace[];
  readonly planId: string;
}

function judge(facts: Facts, move: Move, source: Node | undefined): Verdict | undefined {
  const { now, policy, kind, moveTraces, planId } = facts;
  const { oscillationWindowMs, maxReturns } = policy.cooldown;
  if (oscillationWindowMs === 0 || move.kind !== 'relocate' || isUrgent(kind) || vacates(source))
    return undefined;
  const recent = traceIndex(moveTraces)
    .ofShard(move.shard)
    .filter(({ at, planId: plan }) => plan !== planId && at > now - oscillationWindowMs);
  const left = recent.filter(
    ({ source: node, replica }) => node === move.destination && replica === move.replica,
  );
  if (left.length === 0) return undefined;
  const observed = countReturns(recent) + 1;
  if (observed <= maxReturns) return undefined;
  const until = Math.min(...recent.map(({ at }) => at)) + oscillationWindowMs;
  const leftAt = Math.max(...left.map(({ at }) => at));
  const window = formatDuration(oscillationWindowMs);
  return throttle(code, {
    subject: `shard/${move.shard}`,
    observed,
    limit: maxReturns,
    message: `Shard ${move.shard} would return to node ${move.destination}, which it left at ${isoTime(leftAt)}: return ${observed} within ${window}; ${maxReturns} are allowed.`,
    remedy: `Find what makes its load swing, or wait until ${isoTime(until)}.`,
  });
}

/** Moves among the traces that brought a replica to a node which it had left earlier among them. */
function countReturns(traces: readonly MoveTrace[]): number {
  const ordered = traces.toSorted((one, other) => one.at - other.at);
  const left = new Set<string>();
  let returns = 0;
  for (const { replica, source, destination } of ordered) {
    if (source === destination) continue;
    if (left.has(`${replica} ${destination}`)) returns += 1;
    left.add(`${replica} ${source}`);
  }
  return returns;
}
