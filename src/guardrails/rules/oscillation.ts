import { formatDuration } from '../../base/duration.ts';
import type { MoveTrace } from '../../domain/move-trace.ts';
import { isUrgent, vacates } from '../exemptions.ts';
import { type HistoryJudge, historyRule } from '../history-rule.ts';
import { traceIndex } from '../trace-index.ts';
import { isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_OSCILLATION';

const judge: HistoryJudge = ({ now, policy, kind, moveTraces, planId }, move, source) => {
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
};

/**
 * A shard may return to nodes that it left within `cooldown.oscillationWindowMs` at most `maxReturns` times in that
 * window; more is thrash, which costs copies and helps nobody. Drains, restores, rollbacks, and moves off a node that
 * must be vacated are exempt, and so are moves of the same plan.
 */
export const oscillation = historyRule(code, 'No shard returns too often to a node that it left.', judge);

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
