import type { ChangeControlPolicy } from '../../domain/policy.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { isInsideWindow, nextOpening } from '../change-window-time.ts';
import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CHANGE_WINDOW';

/** Moves start only inside one of `changeControl.windows`, where there are any; plans are made and approved at any time. */
export const changeWindow: Guardrail = {
  code,
  plan: { phases: everyPhase, judge: ({ now, policy }) => judge(now, policy.changeControl) },
  move: ({ now, policy }) => judge(now, policy.changeControl),
};

function judge(now: number, { windows }: ChangeControlPolicy): Verdict {
  const facts = { subject: 'plan', observed: isoTime(now) };
  if (windows.length === 0)
    return allow(code, { ...facts, limit: 'any time', message: 'Policy has no change windows.' });
  const open = windows.find((window) => isInsideWindow(window, now));
  if (open) {
    const limit = `${open.start} to ${open.end} ${open.timeZone}`;
    return allow(code, { ...facts, limit, message: `The change window ${limit} is open.` });
  }
  const opens = nextOpening(windows, now);
  const next =
    opens === undefined ? 'no window opens within the next days' : `the next one opens at ${isoTime(opens)}`;
  return throttle(code, {
    ...facts,
    limit: opens === undefined ? 'never' : isoTime(opens),
    message: `It is outside the change windows; ${next}.`,
    remedy: opens === undefined ? 'Correct changeControl.windows.' : `Wait until ${isoTime(opens)}.`,
  });
}
