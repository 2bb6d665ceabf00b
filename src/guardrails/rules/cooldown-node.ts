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

const code = 'GUARDRAIL_COOLDOWN_NODE';

/**
 * A node rests for `cooldown.nodeMs` after a move into or out of it before another plan uses it. Drains, restores,
 * rollbacks, and moves off a node that must be vacated do not wait.
 */
export const cooldownNode: Guardrail = {
  code,
  plan: {
    phases: ['create'],
    judge: (context) =>
      judgeEach(
        code,
        context,
        'No node of the plan took part in another one too short a time ago.',
        (planned) => judge({ ...context, planId: context.planId ?? '' }, planned.move, planned.sourceNode),
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
  const limit = policy.cooldown.nodeMs;
  if (limit === 0 || isUrgent(kind) || vacates(source)) return undefined;
  const index = traceIndex(moveTraces);
  const atSource = index.newestOnNode(move.source, planId);
  const atDestination = index.newestOnNode(move.destination, planId);
  const newest = Math.max(atSource, atDestination);
  const until = newest + limit;
  if (newest === 0 || now >= until) return undefined;
  const node = atDestination >= atSource ? move.destination : move.source;
  return throttle(code, {
    subject: `node/${node}`,
    observed: now - newest,
    limit,
    message: `Node ${node} took part in another plan at ${isoTime(newest)} and rests until ${isoTime(until)}.`,
    remedy: `Wait until ${isoTime(until)}.`,
  });
}
