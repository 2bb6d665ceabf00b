/** Entry point of the planner's thread: one order in, one reply out, in order. */
import { computePlan } from '../../planning/compute-plan.ts';
import { explainPlan } from '../../planning/explain/explain-plan.ts';
import type { PlannerAnswer, PlanOrder, PlanReply } from './messages.ts';

declare const self: Worker;

self.onmessage = (event: MessageEvent<PlanOrder>) => {
  self.postMessage(reply(event.data));
};

function reply(order: PlanOrder): PlanReply {
  const { id } = order;
  try {
    return { id, kind: 'answer', answer: answerTo(order) };
  } catch (thrown) {
    return {
      id,
      kind: 'crash',
      message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    };
  }
}

function answerTo(order: PlanOrder): PlannerAnswer {
  if (order.kind === 'explain') return explainPlan(order.request);
  const end = performance.now() + order.request.policy.budget.maxSearchMs;
  return computePlan(order.request, { shouldStop: () => performance.now() > end });
}
