import type { ChangeControlPolicy } from '../../domain/policy.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, isoTime, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_FREEZE';

/** No move starts during a freeze: from its `from` up to, but excluding, its `until`. */
export const freeze: Guardrail = {
  code,
  plan: { phases: everyPhase, judge: ({ now, policy }) => judge(now, policy.changeControl) },
  move: ({ now, policy }) => judge(now, policy.changeControl),
};

function judge(now: number, { freezes }: ChangeControlPolicy): Verdict {
  const facts = { subject: 'plan', observed: isoTime(now) };
  let longest: (typeof freezes)[number] | undefined;
  for (const each of freezes) {
    if (now >= each.from && now < each.until && (!longest || each.until > longest.until)) longest = each;
  }
  if (!longest) return allow(code, { ...facts, limit: 'any time', message: 'No change freeze is in force.' });
  const end = isoTime(longest.until);
  return throttle(code, {
    ...facts,
    limit: end,
    message: `A change freeze is in force until ${end}: ${longest.reason}.`,
    remedy: `Wait until ${end}.`,
  });
}
