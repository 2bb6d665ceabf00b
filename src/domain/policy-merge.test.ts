import { describe, expect, test } from 'bun:test';
import { defaultPolicy } from './policy-defaults.ts';
import { effectivePolicy } from './policy-merge.ts';
import { validatePolicy } from './policy-validate.ts';

const effective = (
  cluster: Parameters<typeof effectivePolicy>[2],
  namespace: Parameters<typeof effectivePolicy>[3],
) => effectivePolicy('prod', 'orders', cluster, namespace, 7);

describe('the effective policy', () => {
  test('is the default one where nobody wrote any, and that one is valid', () => {
    expect(effective(undefined, undefined)).toEqual({ ...defaultPolicy('prod', 'orders'), revision: 7 });
    expect(validatePolicy(defaultPolicy('prod', 'orders'))).toEqual([]);
    expect(validatePolicy(defaultPolicy('prod', ''))).toEqual([]);
  });

  test('takes each field from the nearest layer that has it', () => {
    const policy = effective(
      { mode: 'observe', budget: { maxMoves: 10, maxBytes: 20 } },
      { budget: { maxMoves: 30 }, triggers: { peakToMean: { enter: 2 } } },
    );
    expect(policy.mode).toBe('observe');
    expect(policy.budget).toMatchObject({ maxMoves: 30, maxBytes: 20, maxShareOfShards: 0.1 });
    expect(policy.triggers.peakToMean).toEqual({ enter: 2, clear: 1.1 });
  });

  test('replaces lists as a whole, also by an empty one', () => {
    const tier = { name: 'huge', aboveMoves: 1_000, required: 3, groups: [] };
    expect(effective({ approvals: { tiers: [tier] } }, {}).approvals.tiers).toEqual([tier]);
    expect(effective({ approvals: { tiers: [tier] } }, { approvals: { tiers: [] } }).approvals.tiers).toEqual(
      [],
    );
  });

  test('takes the cap of the cluster from the cluster only', () => {
    const policy = effective(
      { concurrency: { cluster: 5 } },
      { concurrency: { cluster: 500, namespace: 4 } },
    );
    expect(policy.concurrency).toMatchObject({ cluster: 5, namespace: 4 });
    expect(effective(undefined, { concurrency: { cluster: 500 } }).concurrency.cluster).toBe(32);
  });

  test('adds, changes and removes a schedule', () => {
    const cluster = { schedule: { cron: '0 6 * * *' } };
    expect(effective(cluster, {}).schedule).toEqual({ cron: '0 6 * * *', timeZone: 'UTC' });
    expect(effective(cluster, { schedule: { timeZone: 'Europe/Vienna' } }).schedule).toEqual({
      cron: '0 6 * * *',
      timeZone: 'Europe/Vienna',
    });
    expect(effective(cluster, { schedule: null }).schedule).toBeNull();
  });

  test('ignores fields that are undefined, and what an overlay says about whose it is', () => {
    const strange = { mode: undefined, cluster: 'other', namespace: 'other', revision: 99 };
    expect(effective(strange, undefined)).toEqual(effective(undefined, undefined));
  });

  test('does not change the layers that it is made of', () => {
    const cluster = Object.freeze({ budget: Object.freeze({ maxMoves: 1 }) });
    effective(cluster, { budget: { maxMoves: 2 } });
    expect(cluster).toEqual({ budget: { maxMoves: 1 } });
  });
});
