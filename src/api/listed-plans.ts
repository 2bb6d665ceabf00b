import type { Plan } from '../domain/plan.ts';
import type { Plan as PlanMessage } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { planToMessage } from '../wire/plan-codec.ts';

/**
 * Plans as lists show them: every rule that lets a plan pass has a verdict of its own, and in a list these would be most of
 * what is sent. A plan's header never changes (the next revision is another one), so that its message is made once for as
 * long as the store keeps the header: consoles list again and again.
 */
export function createListedPlans(): (plan: Plan) => PlanMessage {
  const made = new WeakMap<Plan, PlanMessage>();
  return (plan) => {
    const known = made.get(plan);
    if (known) return known;
    const verdicts = plan.verdicts.filter(({ decision }) => decision !== 'allow');
    const message = planToMessage({ ...plan, verdicts });
    made.set(plan, message);
    return message;
  };
}
