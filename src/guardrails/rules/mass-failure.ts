import type { Policy } from '../../domain/policy.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { type FleetHealth, fleetHealth } from '../fleet-view.ts';
import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, block, percent } from '../verdicts.ts';

const code = 'GUARDRAIL_MASS_FAILURE';

/** One node that fails is what restores are for, however small the fleet. */
const fewestNodesOfAMassFailure = 2;

/**
 * Nothing moves while `incidents.maxUnhealthyShare` of the nodes or more are unhealthy, and at least two: then the
 * cause is not the placement (a network partition, a bad release), and copying would load what still works.
 */
export const massFailure: Guardrail = {
  code,
  plan: {
    phases: everyPhase,
    judge({ snapshot, policy }) {
      return judge(fleetHealth(snapshot), policy);
    },
  },
  move: ({ view, policy }) => judge(view.health, policy),
};

function judge({ nodes, unhealthy }: FleetHealth, policy: Policy): Verdict {
  const limit = policy.incidents.maxUnhealthyShare;
  const observed = nodes === 0 ? 0 : unhealthy / nodes;
  const message = `${unhealthy} of ${nodes} nodes (${percent(observed)}) are unhealthy; moves stop from ${percent(limit)} on.`;
  const facts = { subject: `cluster/${policy.cluster}`, observed, limit, message };
  if (unhealthy < fewestNodesOfAMassFailure || observed < limit) return allow(code, facts);
  return block(code, { ...facts, remedy: 'Restore nodes; moving replicas now would spread the failure.' });
}
