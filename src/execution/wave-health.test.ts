import { describe, expect, test } from 'bun:test';
import { type FleetHealth, findRegression } from './wave-health.ts';

function health(latencyMs?: number, errorRate?: number, node = 'n1'): FleetHealth {
  return {
    latency: latencyMs === undefined ? undefined : { node, value: latencyMs },
    errorRate: errorRate === undefined ? undefined : { node, value: errorRate },
  };
}

describe('a regression', () => {
  test('is the worst node being worse by the factor, whichever node it is', () => {
    const found = findRegression(health(40), health(60, 0, 'n2'), 1.5);
    expect(found?.code).toBe('PLAN_REGRESSION');
    expect(found?.message).toContain('node n2 is 60 after the wave, the worst before it was 40 on n1');
    expect(findRegression(health(40), health(59), 1.5)).toBeUndefined();
  });

  test('is seen in the error rate too', () => {
    expect(findRegression(health(10, 0.02), health(10, 0.05), 2)?.message).toContain('error rate');
  });

  test('is not what happens below the noise', () => {
    expect(findRegression(health(1, 0.0001), health(25, 0.012), 1.5)).toBeUndefined();
  });

  test('needs a measurement before and after', () => {
    expect(findRegression(health(), health(1_000, 1), 1.5)).toBeUndefined();
    expect(findRegression(health(10, 0), health(), 1.5)).toBeUndefined();
  });

  test('is not looked for when policy turns it off', () => {
    expect(findRegression(health(10), health(10_000), 0)).toBeUndefined();
  });
});
