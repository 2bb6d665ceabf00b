import { type Incident, incidentSeverities } from '../../domain/incident.ts';
import type { IncidentPolicy, IncidentSeverityOrNever } from '../../domain/policy.ts';
import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, block, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_INCIDENT';

/**
 * While an incident is open, moves slow down to `incidents.throttledConcurrency` from the severity `throttleFrom`, and
 * none starts from `haltFrom`. Plans may be made and approved all the while; under a halt they wait before they start,
 * under a throttle they start and run slowly.
 */
export const incident: Guardrail = {
  code,
  plan: {
    phases: everyPhase,
    judge({ incidents, policy, phase }) {
      const worst = worstIncident(incidents, policy.namespace);
      const effect = worst ? effectOf(worst, policy.incidents) : 'none';
      if (!worst || effect === 'none') {
        const message = worst ? 'The open incidents do not concern moves.' : 'No incident is open.';
        return allow(code, {
          subject: 'plan',
          observed: incidents.length,
          limit: policy.incidents.throttleFrom,
          message,
        });
      }
      const facts = describe(worst, policy.incidents, effect);
      if (phase !== 'start') return throttle(code, facts);
      return effect === 'halt' ? block(code, facts) : allow(code, facts);
    },
  },
  move({ incidents, policy, view }) {
    const worst = worstIncident(incidents, policy.namespace);
    const effect = worst ? effectOf(worst, policy.incidents) : 'none';
    if (!worst || effect === 'none') return undefined;
    const facts = describe(worst, policy.incidents, effect);
    if (effect === 'halt') return block(code, facts);
    const running = view.counts.total();
    const limit = policy.incidents.throttledConcurrency;
    if (running < limit) return undefined;
    return throttle(code, { ...facts, observed: running, limit });
  },
};

/** The open incident of the highest severity that concerns the namespace. */
function worstIncident(incidents: readonly Incident[], namespace: string): Incident | undefined {
  let worst: Incident | undefined;
  for (const each of incidents) {
    if (each.closedAt !== 0 || (each.namespace !== '' && each.namespace !== namespace)) continue;
    if (!worst || rank(each.severity) > rank(worst.severity)) worst = each;
  }
  return worst;
}

function effectOf({ severity }: Incident, policy: IncidentPolicy): 'none' | 'throttle' | 'halt' {
  if (rank(severity) >= rank(policy.haltFrom)) return 'halt';
  return rank(severity) >= rank(policy.throttleFrom) ? 'throttle' : 'none';
}

/** Rising with severity; `never` is above all. */
function rank(severity: IncidentSeverityOrNever): number {
  return severity === 'never' ? incidentSeverities.length : incidentSeverities.indexOf(severity);
}

function describe(worst: Incident, policy: IncidentPolicy, effect: 'throttle' | 'halt') {
  const count =
    policy.throttledConcurrency === 1 ? '1 move runs' : `${policy.throttledConcurrency} moves run`;
  const consequence = effect === 'halt' ? 'no move starts' : `at most ${count} at the same time`;
  return {
    subject: `incident/${worst.id}`,
    observed: worst.severity,
    limit: effect === 'halt' ? policy.haltFrom : policy.throttleFrom,
    message: `The ${worst.severity} incident "${worst.title}" is open: ${consequence}.`,
    remedy: 'Resolve the incident and close it.',
  };
}
