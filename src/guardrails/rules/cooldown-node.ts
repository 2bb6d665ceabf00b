import { isUrgent, vacates } from '../exemptions.ts';
import { type HistoryJudge, historyRule } from '../history-rule.ts';
import { traceIndex } from '../trace-index.ts';
import { isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_COOLDOWN_NODE';

const judge: HistoryJudge = ({ now, policy, kind, moveTraces, planId }, move, source) => {
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
};

/**
 * A node rests for `cooldown.nodeMs` after a move into or out of it before another plan uses it. Drains, restores,
 * rollbacks, and moves off a node that must be vacated do not wait.
 */
export const cooldownNode = historyRule(
  code,
  'No node of the plan took part in another one too short a time ago.',
  judge,
);
