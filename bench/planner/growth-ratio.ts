import { atMost, judged } from './bars.ts';
import type { CaseLine } from './bench-line.ts';

/** Ten times the replicas may cost so many times the time. */
export const mostGrowth = 12;

/** The growth series, smallest first. */
export const growthSeries: readonly string[] = ['growth-10k', 'growth-100k', 'growth-1m', 'growth-10m'];

/** The line with its time over that of the fleet a tenth its size, when that one was measured too. */
export function withGrowth(line: CaseLine, before: readonly CaseLine[]): CaseLine {
  const smaller = growthSeries[growthSeries.indexOf(line.case) - 1];
  const previous = before.find((each) => each.case === smaller);
  if (smaller === undefined || !previous) return line;
  const times = (name: string): number => Number((Number(line[name]) / Number(previous[name])).toFixed(2));
  // Processor time tells more where other programs keep the machine busy; the bar is on time.
  const ratios = { timesPrevious: times('millis'), cpuTimesPrevious: times('cpuMillis') };
  return { case: line.case, ...judged({ ...line, ...ratios }, [atMost('timesPrevious', mostGrowth)]) };
}
