import { type Command, InvalidArgumentError } from 'commander';
import { expectOk } from '../../domain/problem.ts';
import { conformanceChecks } from '../../planning/conformance/conformance-report.ts';
import type { Bind } from '../action.ts';
import type { CheckedPlannerExtension } from '../cli-context.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { wholeNumber } from '../options.ts';
import type { Session } from '../session.ts';
import { textTable } from '../text-table.ts';

/** Fleets that each extension is tried on: seconds for a part in constant time. */
const defaultFleets = 300;

/** `mesh planner ...` */
export function addPlannerCommands(planner: Command, bind: Bind): void {
  planner.addHelpText('after', examples('mesh planner check-module docs/examples/planner/wishes.ts'));
  planner
    .command('check-module <file>')
    .description(
      'hold the rules and terms of a planner module to their contract, over random fleets and changes; needs no service',
    )
    .option('--fleets <n>', 'random fleets per extension', wholeNumber, defaultFleets)
    .option('--seed <n>', 'equal seeds give equal fleets and changes', wholeNumber, 1)
    .option(
      '--parameter <name=value>',
      'instead of its default, and of its extremes; repeatable',
      collectParameter,
      {} as Readonly<Record<string, string>>,
    )
    .addHelpText(
      'after',
      examples(
        'mesh planner check-module docs/examples/planner/wishes.ts',
        'mesh planner check-module wishes.ts --parameter group=billing --fleets 2000 -o json',
      ),
    )
    .action(bind(checkModule));
}

interface CheckModuleOptions {
  readonly fleets: number;
  readonly seed: number;
  readonly parameter: Readonly<Record<string, string>>;
}

function collectParameter(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const split = text.indexOf('=');
  if (split < 1) throw new InvalidArgumentError('Write NAME=VALUE.');
  return { ...before, [text.slice(0, split)]: text.slice(split + 1) };
}

async function checkModule(session: Session, file: string, options: CheckModuleOptions): Promise<number> {
  const { context } = session;
  const checked = expectOk(
    await context.services.checkPlannerModule({
      file,
      folder: context.folder,
      states: options.fleets,
      seed: options.seed,
      parameters: options.parameter,
    }),
  );
  const isValid = checked.every(({ report }) => report.failures.length === 0);
  if (session.json) {
    const extensions = checked.map(({ extension, report }) => ({ ...extension, ...report }));
    session.printText(`${JSON.stringify({ file, valid: isValid, extensions }, null, 2)}\n`);
  } else session.printText(checked.map((each) => describeExtension(session, each)).join('\n'));
  return isValid ? exitCodes.done : exitCodes.usage;
}

function describeExtension(session: Session, { extension, report }: CheckedPlannerExtension): string {
  const { failures, costs, states, changes } = report;
  const verdict =
    failures.length === 0
      ? session.style.good(`keeps all ${conformanceChecks.length} promises`)
      : session.style.bad(`breaks ${failures.length} promises`);
  const head = `${extension.name}: ${verdict} over ${states} fleets and ${changes} changes\n`;
  if (failures.length > 0) {
    const table = textTable(
      [
        { title: 'PART', value: (each) => each.part },
        { title: 'PROMISE', value: (each) => each.check },
        { title: 'WHAT HAPPENED', value: (each) => each.message },
      ],
      failures,
    );
    return `${head}${table}`;
  }
  const table = textTable(
    [
      { title: 'PART', value: (each) => each.part },
      { title: 'KIND', value: (each) => each.kind },
      { title: 'NS PER DELTA', align: 'right', value: (each) => each.nanosPerDelta.toFixed(0) },
    ],
    costs,
  );
  return costs.length > 0 ? `${head}${table}` : head;
}
