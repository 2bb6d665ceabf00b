import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  allowedMoves,
  type GovernorObservation,
  govern,
  governorIntervalMs,
  initialGovernor,
} from './governor.ts';

const calm: GovernorObservation = {
  at: 0,
  cap: 8,
  inFlight: 8,
  backpressure: false,
  latencyMs: 10,
  baselineLatencyMs: 10,
};

describe('the governor', () => {
  test('begins with half of the cap', () => {
    expect(allowedMoves(initialGovernor(8, 0))).toBe(4);
    expect(allowedMoves(initialGovernor(1, 0))).toBe(1);
  });

  test('allows one more after each calm interval that used the allowance up', () => {
    let state = initialGovernor(8, 0);
    for (let turn = 1; turn <= 3; turn++) state = govern(state, { ...calm, at: turn * governorIntervalMs });
    expect(allowedMoves(state)).toBe(7);
  });

  test('does not grow an allowance that nobody uses', () => {
    const state = govern(initialGovernor(8, 0), { ...calm, inFlight: 1, at: 10_000 });
    expect(allowedMoves(state)).toBe(4);
  });

  test('halves on backpressure and on latency that grew by half', () => {
    const state = initialGovernor(8, 0);
    expect(allowedMoves(govern(state, { ...calm, at: 5_000, backpressure: true }))).toBe(2);
    expect(allowedMoves(govern(state, { ...calm, at: 5_000, latencyMs: 100, baselineLatencyMs: 50 }))).toBe(
      2,
    );
  });

  test('takes growth below the noise for calm', () => {
    const state = govern(initialGovernor(8, 0), { ...calm, at: 5_000, latencyMs: 12, baselineLatencyMs: 2 });
    expect(allowedMoves(state)).toBe(5);
  });

  test('comes down to a lowered cap at once', () => {
    expect(allowedMoves(govern({ allowance: 8, changedAt: 0 }, { ...calm, at: 1, cap: 1 }))).toBe(1);
  });

  test('is never above the cap nor below one, and never grows under pressure', () => {
    const observation = fc.record({
      passed: fc.integer({ min: 0, max: 5_000 }),
      cap: fc.integer({ min: 1, max: 64 }),
      inFlight: fc.integer({ min: 0, max: 64 }),
      backpressure: fc.boolean(),
      latencyMs: fc.option(fc.double({ min: 0, max: 1_000, noNaN: true }), { nil: undefined }),
      baselineLatencyMs: fc.option(fc.double({ min: 0, max: 1_000, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 50 }), (observations) => {
        let at = 0;
        let state = initialGovernor(8, at);
        for (const seen of observations) {
          at += seen.passed;
          const after = govern(state, { ...seen, at });
          const allowed = allowedMoves(after);
          if (allowed < 1 || allowed > seen.cap) return false;
          if (seen.backpressure && after.allowance > state.allowance) return false;
          state = after;
        }
        return true;
      }),
    );
  });
});
