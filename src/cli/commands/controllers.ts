import type { Command } from 'commander';
import {
  type Controller,
  ControllerSchema,
  ControllerState,
  type NodeScore,
} from '../../gen/meshkit/rebalancer/v1/controller_pb.ts';
import {
  GetScoresResponseSchema,
  ListControllersResponseSchema,
} from '../../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { PolicyMode } from '../../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { verdictFromMessage } from '../../wire/verdict-codec.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { formatAge, formatNumber, formatTime } from '../format.ts';
import { chosenNamespace } from '../namespace.ts';
import {
  type NamespaceOptions,
  type ReasonOptions,
  wholeNumber,
  withNamespace,
  withReason,
} from '../options.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { type Column, textTable } from '../text-table.ts';
import { verdictLines } from '../views/plan-view.ts';
import { visibleText } from '../visible-text.ts';
import { printWatched, type WatchAnswerOptions, withWatch } from '../watch-answer.ts';

/** `mesh controllers ...` */
export function addControllerCommands(controllers: Command, bind: Bind): void {
  controllers.addHelpText(
    'after',
    examples('mesh controllers list', 'mesh controllers show --namespace orders'),
  );
  withWatch(controllers.command('list').alias('ls'))
    .description('list controllers, one per namespace, with their states')
    .addHelpText('after', examples('mesh controllers list'))
    .action(
      bind(async (session, options: WatchAnswerOptions) =>
        printWatched(session, options, {}, async () => {
          const answer = await session.call((client) => client.controllers.listControllers({}));
          if (session.json) printMessage(session, ListControllersResponseSchema, answer);
          else session.printText(controllersTable(answer.controllers, session.context.clock.now()));
          return 0;
        }),
      ),
    );
  withNamespace(controllers.command('show'))
    .description('show one controller: its state, what triggered it, what stands in the way')
    .addHelpText('after', examples('mesh controllers show --namespace orders'))
    .action(
      bind(async (session, options: NamespaceOptions) => {
        const namespace = await chosenNamespace(session, options);
        const answer = await session.call((client) => client.controllers.getController({ namespace }));
        return print(session, answer.controller);
      }),
    );
  withReason(withNamespace(controllers.command('evaluate')))
    .description('look now instead of at the next interval')
    .addHelpText('after', examples('mesh controllers evaluate --namespace orders --reason "load test over"'))
    .action(
      bind(async (session, options: NamespaceOptions & ReasonOptions) => {
        const namespace = await chosenNamespace(session, options);
        const { reason } = options;
        const answer = await session.call((client) => client.controllers.evaluateNow({ namespace, reason }));
        return print(session, answer.controller);
      }),
    );
  withNamespace(controllers.command('scores'))
    .description('show how each node scores and which adapter says so, worst first')
    .addHelpText('after', examples('mesh controllers scores --namespace orders --limit 5'))
    .option('--limit <n>', 'most nodes to list', wholeNumber, 20)
    .action(
      bind(async (session, options: NamespaceOptions & { readonly limit: number }) => {
        const namespace = await chosenNamespace(session, options);
        const answer = await session.call((client) => client.controllers.getScores({ namespace }));
        if (session.json) printMessage(session, GetScoresResponseSchema, answer);
        else session.printText(scoresTable(answer.nodes, options.limit));
        return 0;
      }),
    );
}

function print(session: Session, controller: Controller | undefined): number {
  if (!controller) return 0;
  if (session.json) printMessage(session, ControllerSchema, controller);
  else session.printText(describeController(controller, session));
  return 0;
}

function describeController(controller: Controller, session: Session): string {
  const now = session.context.clock.now();
  const triggers =
    controller.triggers.length === 0
      ? 'none'
      : `${controller.triggers.join(', ')} for ${formatAge(controller.triggeredSince, now)}`;
  const lines = [
    `${session.style.strong(controller.namespace)}  ${stateName(controller)} for ${formatAge(controller.since, now)}, mode ${modeName(controller)}`,
    `  peak/mean     ${controller.peakToMean.toFixed(3)} at ${formatTime(controller.snapshotAt)}`,
    `  triggers      ${visibleText(triggers)}`,
    `  diagnosis     ${controller.diagnosis?.code ?? ''}: ${visibleText(controller.diagnosis?.message ?? '')}`,
  ];
  if (controller.planId !== '') lines.push(`  plan          ${controller.planId}`);
  if ((controller.notBefore?.seconds ?? 0n) > 0n)
    lines.push(`  waits until   ${formatTime(controller.notBefore)}`);
  lines.push(...verdictLines(controller.verdicts.map(verdictFromMessage), session.style));
  return `${lines.join('\n')}\n`;
}

function controllersTable(controllers: readonly Controller[], nowMs: number): string {
  return textTable<Controller>(
    [
      { title: 'NAMESPACE', value: (each) => each.namespace },
      { title: 'STATE', value: stateName },
      { title: 'FOR', align: 'right', value: (each) => formatAge(each.since, nowMs) },
      { title: 'MODE', value: modeName },
      { title: 'PEAK/MEAN', align: 'right', value: (each) => each.peakToMean.toFixed(2) },
      { title: 'PLAN', value: (each) => each.planId || '-' },
      { title: 'DIAGNOSIS', value: (each) => each.diagnosis?.message ?? '' },
    ],
    controllers,
  );
}

function scoresTable(nodes: readonly NodeScore[], limit: number): string {
  const adapters = nodes[0]?.adapters.map((each) => each.adapter) ?? [];
  const worst = [...nodes].sort((left, right) => right.distress - left.distress).slice(0, limit);
  return textTable<NodeScore>(
    [
      { title: 'NODE', value: (each) => each.node },
      { title: 'DISTRESS', align: 'right', value: (each) => each.distress.toFixed(3) },
      ...adapters.map(
        (name, index): Column<NodeScore> => ({
          title: name.toUpperCase(),
          align: 'right',
          value: (each) => describeScore(each.adapters[index]),
        }),
      ),
    ],
    worst,
  );
}

/** `0.42 (230 ms)`; `-` where the adapter could not score. */
function describeScore(score: NodeScore['adapters'][number] | undefined): string {
  if (score?.distress === undefined) return '-';
  const evidence =
    score.evidence === undefined ? '' : ` (${formatNumber(score.evidence)} ${score.evidenceUnit})`;
  return `${score.distress.toFixed(2)}${evidence}`;
}

function stateName(controller: Controller): string {
  const name = ControllerState[controller.state] ?? '';
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function modeName(controller: Controller): string {
  return (PolicyMode[controller.mode] ?? '').toLowerCase();
}
