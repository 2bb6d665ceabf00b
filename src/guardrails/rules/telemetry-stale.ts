import { formatDuration } from '../../base/duration.ts';
import type { TelemetryPolicy } from '../../domain/policy.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { Guardrail } from '../guardrail.ts';
import { allow, block, isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_TELEMETRY_STALE';

/**
 * No decision on loads older than `telemetry.maxAgeMs`: no plan is made from them, and moves wait until they are fresh
 * again. Age is that of the snapshot plus what its slowest source was behind when it was taken.
 */
export const telemetryStale: Guardrail = {
  code,
  plan: {
    phases: ['create', 'start'],
    judge: ({ now, snapshot, policy, phase }) => judge(now, snapshot, policy.telemetry, phase === 'create'),
  },
  move: ({ now, view, policy }) => judge(now, view.snapshot, policy.telemetry, false),
};

function judge(now: number, snapshot: Snapshot, policy: TelemetryPolicy, blocks: boolean): Verdict {
  const observed = Math.max(0, now - snapshot.takenAt) + snapshot.quality.stalenessMs;
  const limit = policy.maxAgeMs;
  const ages = `${formatDuration(observed)} old; ${formatDuration(limit)} are allowed`;
  if (observed <= limit)
    return allow(code, { subject: 'telemetry', observed, limit, message: `The telemetry is ${ages}.` });
  const slowest = snapshot.quality.sources.reduce(
    (oldest, each) => (oldest === undefined || each.newestAt < oldest.newestAt ? each : oldest),
    snapshot.quality.sources[0],
  );
  const since =
    slowest && slowest.newestAt > 0 ? ` since ${isoTime(slowest.newestAt)}` : ' and has delivered nothing';
  const behind = slowest ? ` The source ${slowest.source} is behind${since}.` : '';
  const facts = {
    subject: slowest ? `source/${slowest.source}` : 'telemetry',
    observed,
    limit,
    message: `The telemetry is ${ages}.${behind}`,
    remedy: `Restore the source ${slowest?.source ?? 'that is behind'}, or raise telemetry.maxAgeMs.`,
  };
  return blocks ? block(code, facts) : throttle(code, facts);
}
