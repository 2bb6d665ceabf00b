import type { Move } from '../../domain/move.ts';
import type { MoveTrace } from '../../domain/move-trace.ts';
import type { Node } from '../../domain/node.ts';
import type { PlanKind, Policy } from '../../domain/policy.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { isLost } from '../exemptions.ts';
import type { Guardrail } from '../guardrail.ts';
import { judgeEach } from '../judge-each.ts';
import { traceIndex } from '../trace-index.ts';
import { isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_COOLDOWN_SHARD';

/**
 * A shard rests for `cooldown.shardMs` after a move, so that its load is known in the new place before it moves again.
 * Moves of the same plan do not count (staged moves), nor do rollbacks, nor replicas whose node is lost.
 */
export const cooldownShard: Guardrail = {
  code,
  plan: {
    phases: ['create'],
    judge: (context) =>
      judgeEach(code, context, 'No shard of the plan moved too short a time ago.', ({ move, sourceNode }) =>
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
  const limit = policy.cooldown.shardMs;
  if (limit === 0 || kind === 'rollback' || isLost(source)) return undefined;
  let newest = 0;
  for (const trace of traceIndex(moveTraces).ofShard(move.shard)) {
    if (trace.planId !== planId) newest = Math.max(newest, trace.at);
  }
  const until = newest + limit;
  if (newest === 0 || now >= until) return undefined;
  return throttle(code, {
    subject: `shard/${move.shard}`,
    observed: now - newest,
    limit,
    message: `Shard ${move.shard} moved at ${isoTime(newest)} and rests until ${isoTime(until)}.`,
    remedy: `Wait until ${isoTime(until)}.`,
  });
}
