import type { Move } from '../../domain/move.ts';
import type { Node } from '../../domain/node.ts';
import { signals } from '../../domain/signals.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { Guardrail } from '../guardrail.ts';
import { judgeEach } from '../judge-each.ts';
import { throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_DESTINATION_BACKPRESSURE';

/** Nothing moves to a node whose queues signal backpressure: it cannot keep up with what it has. */
export const destinationBackpressure: Guardrail = {
  code,
  plan: {
    phases: ['create'],
    judge: (context) =>
      judgeEach(code, context, 'No destination signals backpressure.', ({ move, destinationNode }) =>
        judge(move, destinationNode),
      ),
  },
  move: (_context, { move, destinationNode }) => judge(move, destinationNode),
};

function judge(move: Move, node: Node | undefined): Verdict | undefined {
  if (!node || !((node.signals[signals.backpressureActive] ?? 0) > 0)) return undefined;
  const pending = node.signals[signals.backlogPending];
  const low = node.signals[signals.backlogLowWatermark];
  const waiting = pending === undefined ? '' : ` with ${pending} items waiting`;
  const level = low === undefined ? 'their low watermark' : `their low watermark of ${low}`;
  return throttle(code, {
    subject: `node/${move.destination}`,
    observed: pending ?? 1,
    limit: low ?? 0,
    message: `Node ${move.destination} signals backpressure${waiting}.`,
    remedy: `Wait until its queues have drained below ${level}.`,
  });
}
