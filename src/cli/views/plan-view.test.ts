import { describe, expect, test } from 'bun:test';
import type { Plan } from '../../domain/plan.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { samplePlan, sampleTime } from '../../ports/store-samples.testing.ts';
import { createStyle } from '../style.ts';
import { describePlan, describeProgress, formatRange, verdictLines } from './plan-view.ts';

const plain = createStyle(false);

function view(change: Partial<Plan> = {}): string {
  return `\n${describePlan(samplePlan('p1', change), sampleTime + 95_000, plain)}`;
}

const blocked: Verdict = {
  code: 'GUARDRAIL_SPREAD',
  decision: 'block',
  subject: 'shard/s1',
  message: 'both replicas would be in zone a',
  observed: 1,
  limit: 2,
  remedy: 'Make a new plan.',
};

describe('a plan for people', () => {
  test('that waits for approval says why, what changes, how good it is and what comes next', () => {
    expect(view()).toMatchInlineSnapshot(`
      "
      p1  pendingApproval  rebalance of orders (cluster c1)
        why           peakToMean: hot node (by ann 1m35s ago, ticket CHG-1)
        moves         1 in 1 wave, 1.0 KiB, 1.0% of the shards, takes 1s to 5s
        cpu           peak/mean 1.800 → 1.200, peak 90.0% on n1 → 60.0% on n2, over target 1 → 0 nodes
        quality       peak/mean 1.200, at best 1.000 (gap 20.0%)
        digest        sha256:plan-p1
        inputs        policy revision 1, snapshot sha256:snapshot, seed 1
        approval      0 of 1, not the author; expires in 58m25s
        guardrails    all let it pass
        next          mesh shards rebalance approve p1 --digest sha256:plan-p1
      "
    `);
  });

  test('that was warmed names the plan it began with, and a cold one nothing', () => {
    expect(view({ warmStartedFrom: 'p0' })).toContain('\n  warmed by     p0, moves that it did not make\n');
    expect(view({ warmStartedFrom: '' })).not.toContain('warmed by');
  });

  test('that ran says how far it came and how it ended', () => {
    const progress = { ...samplePlan('p1').progress, pending: 0, done: 1, bytesDone: 1_024 };
    expect(
      view({
        status: 'failed',
        startedAt: sampleTime,
        endedAt: sampleTime + 1,
        progress,
        rollbackOf: 'p0',
        outcome: {
          code: 'PLAN_INCOMPLETE',
          message: '1 of 1 moves failed',
          remedy: 'Roll back.',
        },
      }),
    ).toMatchInlineSnapshot(`
      "
      p1  failed  rebalance of orders (cluster c1)
        why           peakToMean: hot node (by ann 1m35s ago, ticket CHG-1)
        moves         1 in 1 wave, 1.0 KiB, 1.0% of the shards, takes 1s to 5s
        cpu           peak/mean 1.800 → 1.200, peak 90.0% on n1 → 60.0% on n2, over target 1 → 0 nodes
        quality       peak/mean 1.200, at best 1.000 (gap 20.0%)
        digest        sha256:plan-p1
        inputs        policy revision 1, snapshot sha256:snapshot, seed 1
        approval      0 of 1, not the author
        guardrails    all let it pass
        progress      1 of 1 moves done, 1.0 KiB copied
        takes back    p0
        outcome       PLAN_INCOMPLETE: 1 of 1 moves failed
                      → Roll back.
        next          mesh shards rebalance rollback p1   (takes back what was done)
      "
    `);
  });

  test('keeps its lines, whatever people wrote into it', () => {
    const lines = view().split('\n').length;
    const hostile = view({ reason: 'x\n  approval      2 of 2\u001b[2J', changeTicket: '\r\u202e' });
    expect(hostile.split('\n').length).toBe(lines);
    expect(hostile).toContain('x\\n  approval      2 of 2\\u001b[2J (by ann 1m35s ago, ticket \\r\\u202e)');
  });

  test('that pauses can go on or be cancelled; one that is being cancelled only ends', () => {
    const outcome = {
      code: 'PLAN_PAUSED',
      message: 'ann paused it: lunch',
      remedy: 'Resume or cancel it.',
    } as const;
    expect(view({ status: 'paused', outcome })).toContain('mesh shards rebalance resume p1   or   cancel\n');
    const cancelling = { ...outcome, code: 'PLAN_CANCELLING' } as const;
    expect(view({ status: 'paused', outcome: cancelling })).toContain('mesh shards rebalance watch p1\n');
  });

  test('that is a dry run is never approved', () => {
    expect(view({ status: 'draft' })).toContain('none: a dry run never executes');
  });
});

describe('verdicts', () => {
  test('say what blocks, with the remedy, and who overrode what', () => {
    const overridden: Verdict = { ...blocked, overriddenBy: 'root' };
    expect(
      verdictLines([blocked, overridden, { ...blocked, decision: 'throttle' }], plain).join('\n'),
    ).toMatchInlineSnapshot(`
      "  guardrails    blocks GUARDRAIL_SPREAD shard/s1: both replicas would be in zone a
                      → Make a new plan.
                      overridden by root GUARDRAIL_SPREAD shard/s1: both replicas would be in zone a
                      throttles GUARDRAIL_SPREAD shard/s1: both replicas would be in zone a
                      → Make a new plan."
    `);
  });

  test('that allow are one line', () => {
    expect(verdictLines([{ ...blocked, decision: 'allow' }], plain)).toEqual([
      '  guardrails    all let it pass',
    ]);
  });
});

test('progress names only the states that moves are in', () => {
  const { progress, summary } = samplePlan('p1');
  const plan = samplePlan('p1', {
    status: 'executing',
    summary: { ...summary, moves: 42 },
    progress: {
      ...progress,
      done: 12,
      running: 3,
      unknown: 1,
      bytesDone: 5.1 * 1024 ** 3,
      remaining: { lowMs: 80_000, expectedMs: 100_000, highMs: 120_000 },
    },
  });
  expect(describeProgress(plan)).toBe(
    '12 of 42 moves done, 3 running, 1 unknown, 5.1 GiB copied, 1m20s to 2m left',
  );
});

test('a range of equal ends is one duration', () => {
  expect(formatRange({ lowMs: 5_000, expectedMs: 5_000, highMs: 5_000 })).toBe('about 5s');
});
