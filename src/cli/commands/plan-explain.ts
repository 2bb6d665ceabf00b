import { type Command, InvalidArgumentError } from 'commander';
import { defaultExplained, type ExplanationSubject, maxExplained } from '../../domain/explanation.ts';
import { expectOk, ProblemError } from '../../domain/problem.ts';
import { ExplainPlanResponseSchema } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { explanationFromMessage, explanationToMessage } from '../../wire/plan-explanation-codec.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { collect, wholeNumber } from '../options.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { describeExplanation } from '../views/explanation-view.ts';
import { type FileOptions, refuseFileOptions } from './file-options.ts';

interface ExplainOptions extends FileOptions {
  readonly shard?: string;
  readonly node?: string;
  readonly limit: number;
  readonly snapshot?: string;
}

export function addExplainCommand(parent: Command, bind: Bind): void {
  parent
    .command('explain <plan>')
    .description('say why a plan moves a shard or leaves it, or what it does to a node and why no more')
    .option('--shard <shard>', 'why its replicas move or stay, and what every other place says')
    .option('--node <node>', 'its load before and after, what leaves, arrives and stays, and why')
    .option(
      '--limit <n>',
      `places to name per replica, or moves and replicas of the node, up to ${maxExplained}`,
      explainedCount,
      defaultExplained,
    )
    .option('--snapshot <file>', 'the snapshot of the plan, which is then a plan file: needs no service')
    .option(
      '--policy <file>',
      'policy that it was made by, with --snapshot; repeatable: cluster and namespace',
      collect,
      [] as string[],
    )
    .option(
      '--scoring-module <path>',
      'module of scoring adapters, with --snapshot; repeatable',
      collect,
      [] as string[],
    )
    .option(
      '--planner-module <path>',
      'module of planner extensions, with --snapshot; repeatable',
      collect,
      [] as string[],
    )
    .addHelpText(
      'after',
      examples(
        'mesh shards rebalance explain PLAN --shard orders-0017',
        'mesh shards rebalance explain PLAN --node n0012 --limit 20',
        'mesh shards rebalance explain plan.json --snapshot fleet.json --policy policy.yaml --node n0012',
      ),
    )
    .action(
      bind(async (session, plan: string, options: ExplainOptions) => {
        const subject = subjectOf(options);
        return options.snapshot === undefined
          ? explainOnline(session, plan, subject, options)
          : explainFromFiles(session, plan, subject, options, options.snapshot);
      }),
    );
}

function explainedCount(text: string): number {
  const count = wholeNumber(text);
  if (count >= 1 && count <= maxExplained) return count;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${maxExplained}.`);
}

function subjectOf({ shard, node }: ExplainOptions): ExplanationSubject {
  if (shard !== undefined && node !== undefined) {
    throw new ProblemError({
      code: 'FIELDS_CONTRADICT',
      message: 'both a shard and a node are asked about',
      field: '--node',
      value: node,
      limit: `--shard ${shard}`,
      remedy: 'Ask about one of the two.',
    });
  }
  if (shard !== undefined) return { kind: 'shard', id: shard };
  if (node !== undefined) return { kind: 'node', id: node };
  throw new ProblemError({
    code: 'FIELD_REQUIRED',
    message: 'it is not said what to explain',
    field: '--shard',
    remedy: 'Add --shard SHARD or --node NODE.',
  });
}

async function explainOnline(
  session: Session,
  id: string,
  subject: ExplanationSubject,
  { limit, ...options }: ExplainOptions,
): Promise<number> {
  refuseFileOptions(
    options,
    'the service explains a plan by the policy under which it was made',
    'Add --snapshot to explain a plan file.',
  );
  const answer = await session.call((client) =>
    client.plans.explainPlan({ id, subject: { case: subject.kind, value: subject.id }, limit }),
  );
  if (session.json) printMessage(session, ExplainPlanResponseSchema, answer);
  else session.printText(describeExplanation(explanationFromMessage(answer), session.style));
  return exitCodes.done;
}

async function explainFromFiles(
  session: Session,
  planPath: string,
  subject: ExplanationSubject,
  options: ExplainOptions,
  snapshotPath: string,
): Promise<number> {
  // Reading files takes much code: loaded only then.
  const { readExplained } = await import('./explain-from-files.ts');
  const files = await readExplained(session, planPath, snapshotPath, options.policy);
  const { limit, scoringModule: scoringModules, plannerModule: plannerModules } = options;
  const { folder, services } = session.context;
  const told = expectOk(
    await services.explainOffline({
      ...files,
      scoringModules,
      plannerModules,
      folder,
      subject,
      limit,
    }),
  );
  if (session.json) printMessage(session, ExplainPlanResponseSchema, explanationToMessage(told));
  else session.printText(describeExplanation(told.explanation, session.style));
  return exitCodes.done;
}
