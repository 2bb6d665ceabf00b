import { isUrgent } from '../exemptions.ts';
import type { Guardrail } from '../guardrail.ts';
import { allow, isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_COOLDOWN_NAMESPACE';

/**
 * After a plan the namespace rests for `cooldown.namespaceMs`, after one that failed for `cooldown.failureMs` if that
 * is longer. Drains, restores and rollbacks do not wait.
 */
export const cooldownNamespace: Guardrail = {
  code,
  plan: {
    phases: ['create', 'start'],
    judge({ now, policy, kind, lastPlanEndedAt, lastPlanFailed }) {
      const { namespaceMs, failureMs } = policy.cooldown;
      const limit = lastPlanFailed ? Math.max(namespaceMs, failureMs) : namespaceMs;
      const subject = `namespace/${policy.namespace}`;
      const until = lastPlanEndedAt + limit;
      if (lastPlanEndedAt === 0 || now >= until || isUrgent(kind)) {
        const message = isUrgent(kind)
          ? `A ${kind} plan does not wait for the namespace to rest.`
          : 'The namespace has rested since its last plan.';
        return allow(code, {
          subject,
          observed: lastPlanEndedAt === 0 ? 0 : now - lastPlanEndedAt,
          limit,
          message,
        });
      }
      const what = lastPlanFailed ? 'failed' : 'ended';
      return throttle(code, {
        subject,
        observed: now - lastPlanEndedAt,
        limit,
        message: `The last plan ${what} at ${isoTime(lastPlanEndedAt)}; the namespace rests until ${isoTime(until)}.`,
        remedy: `Wait until ${isoTime(until)}.`,
      });
    },
  },
};
