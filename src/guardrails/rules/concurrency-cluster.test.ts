import { describe, expect, test } from 'bun:test';
import { judgeMoveBy, moveContext, overrideOf, testPolicy } from '../guardrail.testing.ts';
import { concurrencyCluster } from './concurrency-cluster.ts';

const clusterPolicy = testPolicy({ concurrency: { cluster: 3 } });

describe('concurrency in the cluster', () => {
  test('has no objection below the limit', () => {
    expect(
      judgeMoveBy(concurrencyCluster, moveContext({ clusterPolicy, clusterMovesInFlight: 2 })),
    ).toBeUndefined();
  });

  test('throttles at the limit of the cluster, whatever the namespace says', () => {
    const policy = testPolicy({ concurrency: { cluster: 1_000 } });
    const verdict = judgeMoveBy(
      concurrencyCluster,
      moveContext({ policy, clusterPolicy, clusterMovesInFlight: 3 }),
    );
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 3, limit: 3, subject: 'cluster/prod' });
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(concurrencyCluster)];
    const verdict = judgeMoveBy(
      concurrencyCluster,
      moveContext({ clusterPolicy, clusterMovesInFlight: 9, overrides }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
