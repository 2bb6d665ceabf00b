import { describe, expect, test } from 'bun:test';
import { stepAfter, stepAtPhase, stepsOf } from './steps.ts';

describe('the steps of a move', () => {
  test('are five for a relocation and two for a leadership transfer', () => {
    expect(stepsOf('relocate')).toEqual(['prepare', 'drain', 'transfer', 'verify', 'release']);
    expect(stepsOf('transferLeadership')).toEqual(['transfer', 'verify']);
    expect(stepAfter('relocate', 'verify')).toBe('release');
    expect(stepAfter('transferLeadership', 'verify')).toBeUndefined();
  });

  test('go on from the phase that the fleet reports', () => {
    const phases = ['preparing', 'prepared', 'draining', 'drained', 'transferred', 'released'] as const;
    expect(phases.map((phase) => stepAtPhase('relocate', phase))).toEqual([
      'prepare',
      'drain',
      'drain',
      'transfer',
      'verify',
      'verify',
    ]);
    expect(stepAtPhase('transferLeadership', 'transferred')).toBe('verify');
    expect(stepAtPhase('relocate', 'aborted')).toBeUndefined();
  });
});
