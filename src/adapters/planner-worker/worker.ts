/** Entry point of the planner's thread: one order in, one reply out, in order. */
import { computePlan } from '../../planning/compute-plan.ts';
import type { PlanOrder, PlanReply } from './messages.ts';

declare const self: Worker;

self.onmessage = (event: MessageEvent<PlanOrder>) => {
  self.postMessage(reply(event.data));
};

function reply({ id, request }: PlanOrder): PlanReply {
  try {
    const end = performance.now() + request.policy.budget.maxSearchMs;
    return {
      id,
      kind: 'answer',
      answer: computePlan(request, { shouldStop: () => performance.now() > end }),
    };
  } catch (thrown) {
    return {
      id,
      kind: 'crash',
      message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    };
  }
}
