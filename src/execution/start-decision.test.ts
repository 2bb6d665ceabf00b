import { describe, expect, test } from 'bun:test';
import { type GuardrailCode, guardrailCodes } from '../domain/error-codes.ts';
import type { Node } from '../domain/node.ts';
import type { Verdict, VerdictDecision } from '../domain/verdict.ts';
import { sampleNodes, sampleShards, snapshotOf } from './sample-fleet.testing.ts';
import { decideStart, mayPass, resumesByItself } from './start-decision.ts';

function verdict(code: GuardrailCode, decision: VerdictDecision): Verdict {
  return { code, decision, subject: 'plan', observed: 1, limit: 0, message: code, remedy: '' };
}

function decide(...verdicts: Verdict[]) {
  return decideStart(verdicts, 'a2', undefined);
}

describe('what verdicts mean for a move', () => {
  test('nothing in its way, or only what was overridden: it starts', () => {
    expect(decide().kind).toBe('start');
    expect(decide(verdict('GUARDRAIL_SPREAD', 'allow')).kind).toBe('start');
  });

  test('a throttle lets it wait; when it is the namespace that is full, all others too', () => {
    expect(decide(verdict('GUARDRAIL_CONCURRENCY_NODE_IN', 'throttle'))).toMatchObject({
      kind: 'wait',
      wholePlan: false,
    });
    expect(decide(verdict('GUARDRAIL_CONCURRENCY_NAMESPACE', 'throttle'))).toMatchObject({
      kind: 'wait',
      wholePlan: true,
    });
  });

  test('an incident that throttles lets moves wait, one that halts pauses the plan', () => {
    expect(decide(verdict('GUARDRAIL_INCIDENT', 'throttle')).kind).toBe('wait');
    expect(decide(verdict('GUARDRAIL_INCIDENT', 'block')).kind).toBe('pausePlan');
  });

  test.each(['GUARDRAIL_FREEZE', 'GUARDRAIL_CHANGE_WINDOW', 'GUARDRAIL_TELEMETRY_STALE'] as const)(
    '%s pauses the plan, blocked or throttled',
    (code) => {
      expect(decide(verdict(code, 'block')).kind).toBe('pausePlan');
      expect(decide(verdict(code, 'throttle')).kind).toBe('pausePlan');
    },
  );

  test('what cannot pass fails the move, whatever else may', () => {
    const both = [verdict('GUARDRAIL_INCIDENT', 'block'), verdict('GUARDRAIL_SPREAD', 'block')];
    expect(decide(...both)).toMatchObject({ kind: 'failMove', verdict: { code: 'GUARDRAIL_SPREAD' } });
  });

  test('a destination that is dead or drained fails the move; one that is suspect or cordoned lets it wait', () => {
    const unhealthy = verdict('GUARDRAIL_DESTINATION_UNHEALTHY', 'block');
    const decided = (change: Partial<Node>) => {
      const nodes = sampleNodes().map((node) => (node.id === 'a2' ? { ...node, ...change } : node));
      return decideStart([unhealthy], 'a2', snapshotOf(0, nodes, sampleShards(2))).kind;
    };
    expect([decided({ status: 'dead' }), decided({ adminState: 'draining' })]).toEqual([
      'failMove',
      'failMove',
    ]);
    expect([decided({ status: 'suspect' }), decided({ adminState: 'cordoned' })]).toEqual(['wait', 'wait']);
  });

  test('every guardrail leads to a decision', () => {
    for (const code of guardrailCodes) expect(decide(verdict(code, 'block')).kind).not.toBe('start');
  });
});

describe('what a plan paused for', () => {
  test('passes by itself, unless people or a regression paused it', () => {
    expect(resumesByItself('GUARDRAIL_FREEZE')).toBe(true);
    expect(resumesByItself('FLEET_UNREACHABLE')).toBe(true);
    expect(resumesByItself('PLAN_REGRESSION')).toBe(false);
    expect(resumesByItself('PLAN_PAUSED')).toBe(false);
    expect(resumesByItself('PLAN_CANCELLING')).toBe(false);
  });

  test('may let an approved plan start later', () => {
    expect(mayPass('GUARDRAIL_COOLDOWN_NAMESPACE')).toBe(true);
    expect(mayPass('GUARDRAIL_CHANGE_TICKET')).toBe(false);
  });
});
