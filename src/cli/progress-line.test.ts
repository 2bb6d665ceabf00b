import { expect, test } from 'bun:test';
import { samplePlan } from '../ports/store-samples.testing.ts';
import type { Terminal } from './cli-context.ts';
import { createProgressLine } from './progress-line.ts';

const erase = '\r\u001b[2K';

function terminal(change: Partial<Terminal> = {}): { terminal: Terminal; shown: () => string } {
  let text = '';
  return {
    terminal: {
      out: () => {},
      error: (each) => {
        text += each;
      },
      isInteractive: true,
      columns: 120,
      ...change,
    },
    shown: () => text,
  };
}

const plan = samplePlan('p1', {
  status: 'executing',
  summary: { ...samplePlan('p1').summary, moves: 4 },
  progress: { ...samplePlan('p1').progress, pending: 2, done: 1, failed: 1 },
});

test('progress is drawn over itself, with a bar of what has ended', () => {
  const { terminal: given, shown } = terminal();
  const line = createProgressLine(given);
  line.show(plan);
  expect(shown()).toBe(
    `${erase}executing [${'#'.repeat(12)}${'.'.repeat(12)}] 1 of 4 moves done, 1 failed, 0 B copied`,
  );
  line.clear();
  expect(shown()).toEndWith(erase);
});

test('nothing is cleared where nothing was shown, and nothing shown where nobody looks', () => {
  const idle = terminal();
  createProgressLine(idle.terminal).clear();
  const pipe = terminal({ isInteractive: false });
  createProgressLine(pipe.terminal).show(plan);
  expect([idle.shown(), pipe.shown()]).toEqual(['', '']);
});

test('the line never wraps', () => {
  const narrow = terminal({ columns: 20 });
  createProgressLine(narrow.terminal).show(plan);
  expect(narrow.shown()).toHaveLength(erase.length + 19);
});

test('a plan without moves is complete from the start', () => {
  const { terminal: given, shown } = terminal();
  createProgressLine(given).show(samplePlan('p1', { summary: { ...plan.summary, moves: 0 } }));
  expect(shown()).toContain(`[${'#'.repeat(24)}]`);
});
