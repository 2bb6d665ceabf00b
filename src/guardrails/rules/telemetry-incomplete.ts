import type { TelemetryPolicy } from '../../domain/policy.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { Guardrail } from '../guardrail.ts';
import { allow, block, percent, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_TELEMETRY_INCOMPLETE';

/**
 * No decision on a picture that covers less than `telemetry.minCompleteness` of the fleet: no plan is made from it, and
 * moves wait until it is complete again.
 */
export const telemetryIncomplete: Guardrail = {
  code,
  plan: {
    phases: ['create', 'start'],
    judge: ({ snapshot, policy, phase }) => judge(snapshot, policy.telemetry, phase === 'create'),
  },
  move: ({ view, policy }) => judge(view.snapshot, policy.telemetry, false),
};

function judge(snapshot: Snapshot, policy: TelemetryPolicy, blocks: boolean): Verdict {
  const observed = snapshot.quality.completeness;
  const limit = policy.minCompleteness;
  const cover = `The telemetry covers ${percent(observed)} of the fleet; ${percent(limit)} are needed.`;
  if (observed >= limit) return allow(code, { subject: 'telemetry', observed, limit, message: cover });
  const worst = snapshot.quality.sources.reduce(
    (least, each) => (least === undefined || each.coverage < least.coverage ? each : least),
    snapshot.quality.sources[0],
  );
  const behind = worst ? ` The source ${worst.source} covers ${percent(worst.coverage)}.` : '';
  const facts = {
    subject: worst ? `source/${worst.source}` : 'telemetry',
    observed,
    limit,
    message: `${cover}${behind}`,
    remedy: `Restore the source ${worst?.source ?? 'that is behind'}, or lower telemetry.minCompleteness.`,
  };
  return blocks ? block(code, facts) : throttle(code, facts);
}
