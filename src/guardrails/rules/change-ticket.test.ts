import { describe, expect, test } from 'bun:test';
import { judgePlanBy, overrideOf, planContext, testPolicy } from '../guardrail.testing.ts';
import { changeTicket } from './change-ticket.ts';

const policy = testPolicy({ changeControl: { ticketRequired: true, ticketPattern: 'CHG-[0-9]{4,8}' } });
const judge = (ticket: string, phase: 'create' | 'approve' | 'start' = 'start', given = policy) =>
  judgePlanBy(changeTicket, planContext({ phase, policy: given, changeTicket: ticket }));

describe('change ticket', () => {
  test('is not needed where policy does not ask for one', () => {
    expect(judge('', 'start', testPolicy()).decision).toBe('allow');
  });

  test('may be missing when a plan is made, not when it is approved or starts', () => {
    expect(judge('', 'create').decision).toBe('throttle');
    expect(judge('', 'approve').decision).toBe('block');
    expect(judge('', 'start')).toMatchObject({ decision: 'block', limit: 'CHG-[0-9]{4,8}' });
  });

  test.each(['CHG-1234', 'CHG-12345678'])('fits the whole pattern: %s', (ticket) => {
    expect(judge(ticket)).toMatchObject({ decision: 'allow', observed: ticket });
  });

  test.each(['CHG-123', 'CHG-123456789', 'xCHG-1234', 'CHG-1234x', 'chg-1234', 'CHG-1234\n'])(
    'does not fit it: %j',
    (ticket) => {
      expect(judge(ticket).decision).toBe('block');
      expect(judge(ticket, 'create').decision).toBe('block');
    },
  );

  test('must fit the pattern also where none is required', () => {
    const optional = testPolicy({ changeControl: { ticketPattern: 'CHG-[0-9]+' } });
    expect(judge('nonsense', 'start', optional).decision).toBe('block');
    expect(judge('', 'start', optional).decision).toBe('allow');
  });

  test('has a length that can be looked at', () => {
    const any = testPolicy({ changeControl: { ticketRequired: true } });
    expect(judge('x'.repeat(128), 'start', any).decision).toBe('allow');
    const verdict = judge('x'.repeat(129), 'start', any);
    expect(verdict.decision).toBe('block');
    expect(String(verdict.observed)).toHaveLength(128);
  });

  test('lets an override pass', () => {
    const context = planContext({ phase: 'start', policy, overrides: [overrideOf(changeTicket)] });
    expect(judgePlanBy(changeTicket, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
