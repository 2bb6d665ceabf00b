import type { CaseLine } from '../planner/bench-line.ts';
import { markdownTable, measuredOn, withSection } from '../planner/page-section.ts';

/** Between these lines of the page stands what the results say. */
const marks = {
  start: '<!-- roadef: npm run bench -- planner-plots writes this -->',
  end: '<!-- end of roadef -->',
};

/** The page with the table of the contest made anew; throws when it has no place for one. */
export function withContestTable(page: string, lines: readonly CaseLine[]): string {
  return withSection(page, marks, contestTable(lines));
}

/**
 * The instances that were run as a table of Markdown, with a column of costs for each time that any was given; what is
 * said of a cost is said of that of the longest time. Below it the sum of scores per set and time, and the machine.
 */
export function contestTable(lines: readonly CaseLine[]): string {
  const runs = lines.filter((line) => line.case !== 'machine');
  if (runs.length === 0) return 'Nothing has been measured yet.\n';
  const times = [...new Set(runs.map((line) => Number(line.seconds)))].sort((left, right) => left - right);
  const names = [...new Set(runs.map(nameOf))].sort(byNumber);
  const heads = [
    'instance',
    ...times.map((seconds) => `cost, ${seconds} s`),
    ...['to the bound', 'to the best known', 'score', "winner's average", 'not worse'],
  ];
  const rows = names.map((name) => {
    const own = runs.filter((line) => nameOf(line) === name);
    return cells(name, times, own);
  });
  const machine = measuredOn(lines.find((line) => line.case === 'machine'));
  const below = [...scoreSums(runs, times), machine].filter((text) => text !== '');
  return `${markdownTable([heads, ...rows])}\n\n${below.join('\n')}\n`;
}

function cells(name: string, times: readonly number[], own: readonly CaseLine[]): string[] {
  const at = (seconds: number): CaseLine | undefined => own.find((line) => line.seconds === seconds);
  const longest = own.reduce((left, right) => (Number(right.seconds) > Number(left.seconds) ? right : left));
  const { winnerAverage } = longest;
  return [
    `\`${name}\``,
    ...times.map((seconds) => whole(at(seconds)?.cost)),
    percent(longest.gapToBound),
    percent(longest.gapToBestKnown),
    longest.score === undefined ? '' : score(Number(longest.score)),
    whole(winnerAverage),
    winnerAverage === undefined ? '' : Number(longest.cost) <= Number(winnerAverage) ? 'yes' : 'no',
  ];
}

/** One sentence per set and time in which anything was scored: how many instances, and their sum. */
function scoreSums(runs: readonly CaseLine[], times: readonly number[]): string[] {
  const sets = [...new Set(runs.map((line) => nameOf(line)[0]))].sort();
  return sets.flatMap((set) =>
    times.flatMap((seconds) => {
      const scored = runs.filter(
        (line) => nameOf(line)[0] === set && line.seconds === seconds && line.score !== undefined,
      );
      if (scored.length === 0) return [];
      const sum = scored.reduce((total, line) => total + Number(line.score), 0);
      const count = scored.length === 1 ? 'one instance' : `${scored.length} instances`;
      return [`Score of set ${set} in ${seconds} s, ${count}: ${score(sum)}.`];
    }),
  );
}

function nameOf(line: CaseLine): string {
  return line.case.replace('roadef-', '');
}

function byNumber(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}

const whole = (value: unknown): string => (value === undefined ? '' : Number(value).toLocaleString('en-US'));
const percent = (share: unknown): string =>
  share === undefined ? '' : `${(100 * Number(share)).toFixed(3)}%`;
/** Without the sign of what rounds to nothing. */
const score = (value: number): string => value.toFixed(4).replace(/^-(0\.0+)$/, '$1');
