import { describe, expect, test } from 'bun:test';
import { createVirtualClock } from '../../base/virtual-clock.ts';
import { loadBatch, start } from '../../telemetry/telemetry.testing.ts';
import { batch, loadsOf, openTestHub } from './push-hub.testing.ts';
import { createSourceTable, idleSourceMs } from './source-table.ts';

const origin = (source: string) => ({ principal: 'pat', source, incarnation: 1, sequence: 1 });

describe('the table of sources', () => {
  test('is full at its limit, until one was idle for long', async () => {
    const clock = createVirtualClock(start);
    const table = createSourceTable(clock, 2);
    table.windowOf('peers', origin('a'));
    table.windowOf('peers', origin('b'));
    expect(table.windowOf('peers', origin('c'))).toBe('full');
    await clock.advance(idleSourceMs - 1);
    table.windowOf('peers', origin('a'));
    await clock.advance(1);
    expect(table.windowOf('peers', origin('c'))).not.toBe('full');
    expect(table.size()).toBe(2);
    // The one that was used in between is still known.
    expect(table.windowOf('peers', origin('b'))).toBe('full');
  });

  test('tells sources apart whatever their names are made of', () => {
    const table = createSourceTable(createVirtualClock(start));
    table.windowOf('peers', { ...origin('a","b'), principal: 'p' });
    table.windowOf('peers', { ...origin('b'), principal: 'p","a' });
    expect(table.size()).toBe(2);
  });
});

test('thousands of agents push at once, and all of them are taken', async () => {
  const { hub, push } = openTestHub();
  const agents = Array.from({ length: 5_000 }, (_, at) => `agent-${at}`);
  await Promise.all(
    agents.flatMap((source) =>
      [1, 2].map((sequence) =>
        push(batch(sequence, loadsOf(loadBatch(start + sequence, [[source, 0, 1]])), { source })),
      ),
    ),
  );
  expect(hub.totals().loads).toMatchObject({ accepted: 10_000, duplicate: 0 });
});
