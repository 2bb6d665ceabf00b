import { compilePattern, maxChangeTicketLength } from '../../domain/policy-pattern.ts';
import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, block, throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_CHANGE_TICKET';

/**
 * Where `changeControl.ticketRequired` is set a plan runs only under a change ticket, and every ticket has the form of
 * `ticketPattern`. A plan may be made without one; whoever approves it names it then.
 */
export const changeTicket: Guardrail = {
  code,
  plan: {
    phases: everyPhase,
    judge({ changeTicket: ticket, policy, phase }) {
      const { ticketRequired, ticketPattern } = policy.changeControl;
      const limit = ticketPattern === '' ? (ticketRequired ? 'any ticket' : 'none needed') : ticketPattern;
      const facts = { subject: 'plan', observed: ticket.slice(0, maxChangeTicketLength), limit };
      if (ticket === '') {
        if (!ticketRequired) return allow(code, { ...facts, message: 'Policy asks for no change ticket.' });
        const message = 'The plan has no change ticket, and policy asks for one.';
        const form = ticketPattern === '' ? '' : ` of the form ${ticketPattern}`;
        const remedy = `Name a change ticket${form}.`;
        return phase === 'create'
          ? throttle(code, { ...facts, message, remedy: `${remedy} At the latest with the approval.` })
          : block(code, { ...facts, message, remedy });
      }
      const pattern = ticketPattern === '' ? undefined : compilePattern(ticketPattern);
      const fits =
        ticket.length <= maxChangeTicketLength && (!pattern || (pattern.ok && pattern.value.test(ticket)));
      if (fits) return allow(code, { ...facts, message: `The plan has the change ticket ${ticket}.` });
      const remedy = `Name a ticket of the form ${ticketPattern || 'of your change management'}, at most ${maxChangeTicketLength} characters.`;
      return block(code, {
        ...facts,
        message: `The change ticket "${facts.observed}" does not have the form asked for.`,
        remedy,
      });
    },
  },
};
