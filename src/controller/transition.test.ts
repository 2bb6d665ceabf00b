import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type ControllerRecord,
  controllerStates,
  controllerTransitions,
} from '../domain/controller-state.ts';
import type { PlanStatus } from '../domain/plan-status.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { enterState, freshRecord, wayBetween } from './controller-record.ts';
import type { TriggerReading } from './imbalance.ts';
import { decide, type Observation } from './transition.ts';

const policy = { ...defaultPolicy('c1', 'orders'), mode: 'propose' as const };
const { triggers, cooldown, execution } = policy;
const start = 1_000_000;

function record(change: Partial<ControllerRecord> = {}): ControllerRecord {
  return { ...freshRecord('c1', 'orders', start), ...change };
}

function seen(change: Partial<Observation> = {}): Observation {
  return {
    readings: [],
    mustVacate: false,
    planStatus: undefined,
    startBlocked: null,
    planningBlocked: null,
    requested: false,
    ...change,
  };
}

const peak = (value: number): TriggerReading => ({ name: 'peakToMean/cpu', value, enter: 1.25, clear: 1.1 });
const dead: TriggerReading = { name: 'nodeMustBeVacated/n1', value: 1, enter: 0, clear: 0 };
const why = { code: 'NOTHING_TO_DO', message: 'nothing is worth it' };
const planned = { kind: 'planned' as const, planId: 'p1', diagnosis: { code: 'planned', message: 'p1' } };

const investigating = record({
  state: 'investigating',
  triggers: ['peakToMean/cpu'],
  triggeredSince: start,
});
const draining = record({ state: 'draining', triggers: [dead.name], triggeredSince: start });
const pending = record({ state: 'planPending', planId: 'p1' });
const executing = record({ state: 'executing', planId: 'p1' });

describe('a steady controller', () => {
  test('investigates when a signal is above its level', () => {
    const decision = decide(record(), seen({ readings: [peak(1.3)] }), policy, start);
    expect(decision.step).toMatchObject({ from: 'steady', to: 'investigating' });
    expect(decision.record.triggers).toEqual(['peakToMean/cpu']);
  });

  test('stays at a signal between its levels', () => {
    expect(decide(record(), seen({ readings: [peak(1.2)] }), policy, start).step).toBeUndefined();
  });

  test('waits for the end of a back-off', () => {
    const waiting = record({ notBefore: start + 10, fruitless: 1, triggers: ['peakToMean/cpu'] });
    const hot = seen({ readings: [peak(2)] });
    expect(decide(waiting, hot, policy, start + 9).step).toBeUndefined();
    expect(decide(waiting, hot, policy, start + 10).step?.to).toBe('investigating');
  });

  test('does not wait when somebody asks, or when a node dies meanwhile', () => {
    const waiting = record({ notBefore: start + 10, fruitless: 1, triggers: ['peakToMean/cpu'] });
    const asked = seen({ readings: [peak(2)], requested: true });
    expect(decide(waiting, asked, policy, start).step?.to).toBe('investigating');
    const died = seen({ readings: [dead, peak(2)], mustVacate: true });
    expect(decide(waiting, died, policy, start).step?.to).toBe('investigating');
  });

  test('forgets fruitless looks once the signal is gone', () => {
    const waiting = record({ notBefore: start + 10, fruitless: 3, triggers: ['peakToMean/cpu'] });
    expect(decide(waiting, seen({ readings: [peak(1)] }), policy, start).record.fruitless).toBe(0);
  });
});

describe('an investigating controller', () => {
  const hot = { readings: [peak(1.3)] };

  test('goes back to steady when the signal clears', () => {
    const decision = decide(investigating, seen({ readings: [peak(1.1)] }), policy, start + 5);
    expect(decision.step?.to).toBe('steady');
    expect(decision.record.notBefore).toBe(0);
  });

  test('wishes for no plan before the confirmation window is over, and for one then', () => {
    expect(decide(investigating, seen(hot), policy, start + triggers.confirmationMs - 1).wish).toBe('none');
    expect(decide(investigating, seen(hot), policy, start + triggers.confirmationMs).wish).toBe('plan');
  });

  test('keeps on between its levels, as it began above', () => {
    const between = seen({ readings: [peak(1.2)] });
    expect(decide(investigating, between, policy, start + triggers.confirmationMs).wish).toBe('plan');
  });

  test('makes no plan from bad telemetry and says which', () => {
    const stale = { code: 'GUARDRAIL_TELEMETRY_STALE', message: 'loads are behind' };
    const decision = decide(investigating, seen({ ...hot, planningBlocked: stale }), policy, start + 1e9);
    expect(decision.wish).toBe('none');
    expect(decision.record.diagnosis).toEqual(stale);
  });

  test('waits for approval once there is a plan', () => {
    const decision = decide(investigating, seen({ ...hot, attempt: planned }), policy, start + 1e9);
    expect(decision.step?.to).toBe('planPending');
    expect(decision.record.planId).toBe('p1');
  });

  test('drains at once when a node must be vacated', () => {
    const decision = decide(investigating, seen({ readings: [dead], mustVacate: true }), policy, start);
    expect(decision.step?.to).toBe('draining');
  });

  test('only observes in mode observe', () => {
    const observing = { ...policy, mode: 'observe' as const };
    const decision = decide(investigating, seen({ readings: [dead], mustVacate: true }), observing, start);
    expect(decision.step).toBeUndefined();
    expect(decision.wish).toBe('plan');
  });

  test('backs off twice as long after each fruitless look, up to the cap', () => {
    const waits: number[] = [];
    for (let fruitless = 0; fruitless < 8; fruitless++) {
      const nothing = seen({ ...hot, attempt: { kind: 'nothing', diagnosis: why } });
      const decision = decide({ ...investigating, fruitless }, nothing, policy, start);
      expect(decision.step?.to).toBe('steady');
      expect(decision.record.diagnosis).toEqual(why);
      expect(decision.record.fruitless).toBe(fruitless + 1);
      waits.push(decision.record.notBefore - start);
    }
    const minutes = waits.map((wait) => wait / 60_000);
    expect(minutes).toEqual([5, 10, 20, 40, 60, 60, 60, 60]);
  });
});

describe('a draining controller', () => {
  const need = { readings: [dead], mustVacate: true };

  test('wishes for a plan, and backs off in place when there is none', () => {
    expect(decide(draining, seen(need), policy, start).wish).toBe('plan');
    const nothing = seen({ ...need, attempt: { kind: 'nothing', diagnosis: why } });
    const decision = decide(draining, nothing, policy, start);
    expect(decision.step).toBeUndefined();
    expect(decide(decision.record, seen(need), policy, start + 1).wish).toBe('none');
    expect(decide(decision.record, seen(need), policy, start + triggers.backoffMs).wish).toBe('plan');
  });

  test('waits for approval once there is a plan', () => {
    expect(decide(draining, seen({ ...need, attempt: planned }), policy, start).step?.to).toBe('planPending');
  });

  test('is steady when nothing is left to vacate', () => {
    expect(decide(draining, seen(), policy, start).step?.to).toBe('steady');
  });

  test('fails when its deadline passes', () => {
    const decision = decide(draining, seen(need), policy, start + execution.drainTimeoutMs);
    expect(decision.step?.to).toBe('failed');
    expect(decision.record.diagnosis.code).toBe('DRAIN_TIMEOUT');
  });
});

describe('a controller with a pending plan', () => {
  const becomes = (planStatus: PlanStatus | undefined, change: Partial<Observation> = {}) =>
    decide(pending, seen({ planStatus, ...change }), policy, start + 1).step?.to;

  test('follows what becomes of the plan', () => {
    expect(becomes('pendingApproval')).toBeUndefined();
    expect(becomes('approved')).toBe('executing');
    expect(becomes('rejected')).toBe('steady');
    expect(becomes('cancelled')).toBe('steady');
    expect(becomes('expired')).toBe('investigating');
    expect(becomes('superseded')).toBe('investigating');
    expect(becomes(undefined)).toBe('steady');
    expect(becomes('executing')).toBe('executing');
  });

  test('does not start an approved plan while something holds it', () => {
    const startBlocked = { code: 'GUARDRAIL_FREEZE', message: 'a freeze is in force' };
    const decision = decide(pending, seen({ planStatus: 'approved', startBlocked }), policy, start);
    expect(decision.step).toBeUndefined();
    expect(decision.record.diagnosis).toEqual(startBlocked);
  });

  test('does not repeat a rejected proposal at once', () => {
    const decision = decide(pending, seen({ planStatus: 'rejected' }), policy, start);
    expect(decision.record.notBefore).toBe(start + triggers.backoffMs);
  });
});

describe('a controller whose plan executes', () => {
  const next = (planStatus: PlanStatus | undefined) =>
    decide(executing, seen({ planStatus }), policy, start + 1);

  test('has it executed as long as it lives', () => {
    for (const status of ['approved', 'executing', 'paused'] as const) {
      expect(next(status)).toMatchObject({ wish: 'execute' });
      expect(next(status).step).toBeUndefined();
    }
  });

  test('follows its end', () => {
    expect(next('completed').step?.to).toBe('completed');
    expect(next('failed').step?.to).toBe('failed');
    expect(next('cancelled').step?.to).toBe('failed');
    expect(next(undefined).step?.to).toBe('failed');
    expect(next('superseded').step?.to).toBe('investigating');
    expect(next('completed').record.notBefore).toBe(start + 1 + cooldown.namespaceMs);
    expect(next('failed').record.notBefore).toBe(start + 1 + cooldown.failureMs);
  });
});

describe('a resting controller', () => {
  for (const state of ['completed', 'failed'] as const) {
    test(`is steady again when the time after ${state} is over`, () => {
      const resting = record({ state, notBefore: start + 10 });
      expect(decide(resting, seen({ readings: [peak(3)] }), policy, start + 9).step).toBeUndefined();
      expect(decide(resting, seen({ readings: [peak(3)] }), policy, start + 10).step?.to).toBe('steady');
    });
  }

  test('does not let the cooldown hold up nodes that must be vacated', () => {
    const resting = record({ state: 'completed', notBefore: start + 10 });
    const need = seen({ readings: [dead], mustVacate: true });
    expect(decide(resting, need, policy, start).step?.to).toBe('steady');
  });
});

describe('the table of states', () => {
  test('lets every transition in it happen and refuses every other', () => {
    const diagnosis = { code: 'test', message: 'a test' };
    for (const from of controllerStates) {
      for (const to of controllerStates) {
        const legal = controllerTransitions.some((each) => each.from === from && each.to === to);
        const go = () => enterState(record({ state: from }), to, start, { diagnosis });
        if (legal) expect(go().step).toMatchObject({ from, to });
        else expect(go).toThrow();
      }
    }
  });

  test('has a way from every resting or looking state to a pending plan', () => {
    expect(wayBetween('steady', 'planPending')).toEqual(['investigating']);
    expect(wayBetween('draining', 'planPending')).toEqual([]);
    expect(wayBetween('failed', 'planPending')).toEqual(['steady', 'investigating']);
  });

  test('is all that ever happens, whatever is observed', () => {
    const statuses: (PlanStatus | undefined)[] = [undefined, 'pendingApproval', 'approved', 'executing'];
    statuses.push('completed', 'failed', 'cancelled', 'rejected', 'expired', 'superseded');
    const moment = fc.record({
      value: fc.double({ min: 1, max: 2, noNaN: true }),
      mustVacate: fc.boolean(),
      planStatus: fc.constantFrom(...statuses),
      requested: fc.boolean(),
      outcome: fc.constantFrom('planned', 'nothing'),
      passMs: fc.integer({ min: 0, max: 3_600_000 }),
    });
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 60 }), (moments) => {
        let current = record();
        let now = start;
        for (const each of moments) {
          now += each.passMs;
          const readings = each.mustVacate ? [dead, peak(each.value)] : [peak(each.value)];
          const observation = seen({ ...each, readings });
          let decision = decide(current, observation, policy, now);
          if (decision.wish === 'plan') {
            const attempt =
              each.outcome === 'planned' ? planned : { kind: 'nothing' as const, diagnosis: why };
            decision = decide(decision.record, { ...observation, attempt }, policy, now);
          }
          current = decision.record;
          expect(current.planId !== '').toBe(['planPending', 'executing'].includes(current.state));
        }
      }),
    );
  });
});

test('a signal that swings between clear and enter never makes the controller flap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1.1000001, max: 1.25, noNaN: true }), { minLength: 50, maxLength: 200 }),
      fc.boolean(),
      (values, begunAbove) => {
        let current = begunAbove ? investigating : record();
        let steps = 0;
        values.forEach((value, turn) => {
          const decision = decide(current, seen({ readings: [peak(value)] }), policy, start + turn);
          if (decision.step) steps++;
          current = decision.record;
        });
        expect(steps).toBe(0);
      },
    ),
  );
});
