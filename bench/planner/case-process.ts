import { judged } from './bars.ts';
import { type CaseLine, type Line, rounded } from './bench-line.ts';
import { planCases } from './cases.ts';
import { measurePlan, warmUp } from './measure-plan.ts';
import { scenarioCases } from './scenarios.ts';

/** From the process of a case to the one that started it. */
export type FromCase =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'line'; readonly line: CaseLine }
  | { readonly kind: 'failed'; readonly message: string };

/** What the command line asks of a case. */
export interface CaseOptions {
  readonly runs?: number;
}

/** One case in a process of its own, so that memory and compiled code are its own: `bun case-process.ts NAME OPTIONS`. */
function runCase(name: string, options: CaseOptions, progress: (text: string) => void): CaseLine {
  const scenario = scenarioCases[name];
  if (scenario) return rounded({ case: name, ...judged(scenario.run(progress), scenario.bars) });
  const { request, more, bars } = planCases[name];
  progress('generates the fleet');
  const asked = request();
  progress('warms up');
  warmUp();
  const { figures } = measurePlan(asked, (run) => progress(`plans, run ${run}`), options.runs);
  const line: Line = { ...figures, ...(more ? more({ ...figures }) : {}) };
  return rounded({ case: name, ...judged(line, bars) });
}

function send(message: FromCase): void {
  process.send?.(message);
}

if (import.meta.main) {
  const [name = '', options = '{}'] = process.argv.slice(2);
  try {
    send({
      kind: 'line',
      line: runCase(name, JSON.parse(options), (text) => send({ kind: 'progress', text })),
    });
  } catch (error) {
    send({
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}
