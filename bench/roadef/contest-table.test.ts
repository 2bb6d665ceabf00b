import { describe, expect, test } from 'bun:test';
import type { CaseLine } from '../planner/bench-line.ts';
import { type ContestLine, comparison, recordedLine, recordKey } from './contest-line.ts';
import { contestTable, withContestTable } from './contest-table.ts';

function line(name: string, seconds: number, total: number, known: Record<string, number>): CaseLine {
  const solved: ContestLine = {
    ...{ case: `roadef-${name}`, seconds, millis: 1, lanes: 2, evaluations: 10 },
    cost: {
      ...{ load: total, balance: 0, processMove: 0, serviceMove: 0, machineMove: 0 },
      ...{ total, movedProcesses: 3 },
    },
    ...{ initial: 2_000, lowerBound: 900, gapToBound: (total - 900) / total },
    ...comparison(total, known),
  };
  return recordedLine(solved);
}

const known = { initial: 2_000, challenge_best: 1_000, best_credible: 1_000, nls_avg_5min: 1_050 };
const machine: CaseLine = {
  ...{ case: 'machine', cores: 2, processor: 'P', memoryBytes: 1_073_741_824, commit: 'abc' },
};

describe('the table of the contest', () => {
  const lines = [
    line('b_2', 300, 1_100, known),
    line('b_1', 10, 1_200, known),
    line('b_1', 300, 1_000, known),
    line('a1_1', 10, 1_000, { initial: 2_000 }),
    machine,
  ];
  const rows = contestTable(lines).split('\n');

  test('has a row per instance by set and number, and a column per time that any was given', () => {
    expect(rows[0]).toBe(
      "| instance | cost, 10 s | cost, 300 s | to the bound | to the best known | score | winner's average | not worse |",
    );
    expect(rows[2]).toBe('| `a1_1` | 1,000 |  | 10.000% |  |  |  |  |');
    expect(rows[3]).toBe('| `b_1` | 1,200 | 1,000 | 10.000% | 0.000% | 0.0000 | 1,050 | yes |');
    expect(rows[4]).toBe('| `b_2` |  | 1,100 | 18.182% | 10.000% | 5.0000 | 1,050 | no |');
  });

  test('sums scores per set and time, and says on what they were measured', () => {
    expect(rows.slice(6, 9)).toEqual([
      'Score of set b in 10 s, one instance: 10.0000.',
      'Score of set b in 300 s, 2 instances: 5.0000.',
      'Measured on 2 cores (P), 1 GiB, commit `abc`.',
    ]);
  });

  test('stands between its marks, and says so where nothing was run', () => {
    const page = `before\n<!-- roadef: npm run bench -- planner-plots writes this -->\nold\n<!-- end of roadef -->\nafter\n`;
    const made = withContestTable(page, lines);
    expect(withContestTable(made, lines)).toBe(made);
    expect(made).not.toContain('old');
    expect(contestTable([machine])).toBe('Nothing has been measured yet.\n');
    expect(() => withContestTable('', lines)).toThrow('has no');
  });
});

test('an instance has a record for each time that it was given', () => {
  const keys = [line('b_1', 10, 1, known), line('b_1', 300, 1, known), machine].map(recordKey);
  expect(keys).toEqual(['roadef-b_1 10 s', 'roadef-b_1 300 s', 'machine']);
});
