import { toJson } from '@bufbuild/protobuf';
import type { Plan } from '../../domain/plan.ts';
import { hasEnded } from '../../domain/plan-status.ts';
import { EventSchema, EventType } from '../../gen/meshkit/rebalancer/v1/event_pb.ts';
import { exitCodeOfPlan, exitCodes } from '../exit-codes.ts';
import { readPlan } from '../plan-reader.ts';
import { createProgressLine } from '../progress-line.ts';
import type { Session } from '../session.ts';
import { describeEvent } from '../views/event-view.ts';
import { describePlan } from '../views/plan-view.ts';
import { visibleText } from '../visible-text.ts';

/** The header is read again at most this often while events pour in. */
const refreshMs = 500;

/**
 * Shows a plan's events and progress until it has ended.
 *
 * @param position event position to begin at; taken before the plan was last read, so that no end is missed
 * @param quiet no line per event, only progress on a terminal and the end
 * @returns 0 when it completed, 8 when it ended otherwise, 130 when interrupted
 */
export async function followPlan(
  session: Session,
  id: string,
  position: bigint,
  quiet = false,
): Promise<number> {
  const { clock, terminal, signal } = session.context;
  const line = createProgressLine(terminal);
  let plan = await readPlan(session, id);
  let readAt = clock.monotonic();
  terminal.error(describePause(undefined, plan));
  line.show(plan);
  const stop = new AbortController();
  if (isOver(plan)) return finish(session, plan);
  const events = (await session.client()).watch({
    planId: id,
    resumeToken: position,
    signal: AbortSignal.any([signal, stop.signal]),
    onReconnect: (waitMs) => {
      line.clear();
      terminal.error(`connection lost; trying again in ${waitMs} ms\n`);
    },
  });
  try {
    for await (const event of events) {
      const isStep = event.type === EventType.MOVE_STEPPED || event.type === EventType.PLAN_PROGRESS;
      line.clear();
      if (session.json && !quiet) session.printText(`${JSON.stringify(toJson(EventSchema, event))}\n`);
      else if (!isStep && !quiet) session.printText(describeEvent(event));
      if (event.type === EventType.PLAN_STATUS_CHANGED || clock.monotonic() - readAt >= refreshMs) {
        const before = plan;
        plan = await readPlan(session, id);
        readAt = clock.monotonic();
        terminal.error(describePause(before, plan));
      }
      if (isOver(plan)) return finish(session, plan);
      line.show(plan);
    }
  } finally {
    line.clear();
    stop.abort();
  }
  return exitCodes.interrupted;
}

/** Why the plan stands still, when it did not before or for another reason: it may be the reader who is waited for. */
function describePause(before: Plan | undefined, { id, status, outcome }: Plan): string {
  if (status !== 'paused' || !outcome || outcome.code === 'PLAN_CANCELLING') return '';
  if (before?.status === 'paused' && before.outcome?.code === outcome.code) return '';
  return `plan ${id} is paused: ${outcome.code}: ${visibleText(outcome.message)}\n  → ${visibleText(outcome.remedy)}\n`;
}

/** A plan that is being rolled back has ended too: what follows is the other plan's. */
function isOver(plan: Plan): boolean {
  return hasEnded(plan.status) || plan.status === 'rollingBack';
}

function finish(session: Session, plan: Plan): number {
  if (!session.json) session.printText(`\n${describePlan(plan, session.context.clock.now(), session.style)}`);
  return exitCodeOfPlan(plan.status);
}
