import { isLost } from '../exemptions.ts';
import { type HistoryJudge, historyRule } from '../history-rule.ts';
import { traceIndex } from '../trace-index.ts';
import { isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_COOLDOWN_SHARD';

const judge: HistoryJudge = ({ now, policy, kind, moveTraces, planId }, move, source) => {
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
};

/**
 * A shard rests for `cooldown.shardMs` after a move, so that its load is known in the new place before it moves again.
 * Moves of the same plan do not count (staged moves), nor do rollbacks, nor replicas whose node is lost.
 */
export const cooldownShard = historyRule(code, 'No shard of the plan moved too short a time ago.', judge);
