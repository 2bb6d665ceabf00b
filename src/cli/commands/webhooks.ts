import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { ProblemError } from '../../domain/problem.ts';
import { type DeadLetter, type Webhook, WebhookState } from '../../gen/meshkit/rebalancer/v1/webhook_pb.ts';
import {
  DropDeadLettersResponseSchema,
  ListDeadLettersResponseSchema,
  ListWebhooksResponseSchema,
  RedeliverResponseSchema,
  ResumeWebhookResponseSchema,
  TestWebhookResponseSchema,
} from '../../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import { webhookStateCodec } from '../../wire/webhook-codec.ts';
import type { Bind } from '../action.ts';
import { type ConfirmOptions, confirm, withConfirmation } from '../confirm.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatAge, formatTime } from '../format.ts';
import { collect, type ReasonOptions, wholeNumber, withReason } from '../options.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { textTable } from '../text-table.ts';
import { eventName } from '../views/event-view.ts';

/** Dead letters per request; the service allows 500. */
const pageSize = 500;

interface ListOptions {
  readonly after: number;
  readonly limit: number;
}

interface TargetOptions extends ReasonOptions {
  readonly event: readonly string[];
  readonly all?: boolean;
}

/** `mesh webhooks ...` */
export function addWebhookCommands(webhooks: Command, bind: Bind): void {
  webhooks.addHelpText('after', examples('mesh webhooks list', 'mesh webhooks dead-letters pager'));
  webhooks
    .command('list')
    .alias('ls')
    .description('list the receivers of events and how they fare')
    .addHelpText('after', examples('mesh webhooks list'))
    .action(
      bind(async (session) => {
        const answer = await session.call((client) => client.webhooks.listWebhooks({}));
        if (session.json) printMessage(session, ListWebhooksResponseSchema, answer);
        else session.printText(webhooksTable(answer.webhooks, session.context.clock.now()));
        return exitCodes.done;
      }),
    );
  webhooks
    .command('dead-letters <webhook>')
    .description('list the events that a receiver would not take')
    .option('--after <sequence>', 'only those of events with a greater sequence', wholeNumber, 0)
    .option('--limit <n>', 'most to list', wholeNumber, 100)
    .addHelpText('after', examples('mesh webhooks dead-letters pager'))
    .action(bind(listDeadLetters));
  withTarget(webhooks.command('redeliver <webhook>'))
    .description('send dead letters once more')
    .addHelpText(
      'after',
      examples('mesh webhooks redeliver pager --event 1042', 'mesh webhooks redeliver pager --all'),
    )
    .action(bind(redeliver));
  withConfirmation(withTarget(webhooks.command('drop <webhook>')))
    .description('forget dead letters')
    .addHelpText('after', examples('mesh webhooks drop pager --all --yes --reason "counted by hand"'))
    .action(bind(drop));
  withReason(webhooks.command('resume <webhook>'))
    .description('send again to a receiver that answered 410, or before its wait is over')
    .addHelpText('after', examples('mesh webhooks resume pager --reason "deployed again"'))
    .action(
      bind(async (session, webhook: string, options: ReasonOptions) => {
        const answer = await session.call((client) =>
          client.webhooks.resumeWebhook({ webhook, reason: options.reason, changeTicket: options.ticket }),
        );
        if (session.json) printMessage(session, ResumeWebhookResponseSchema, answer);
        else session.printText(`Webhook ${webhook} goes on with its next event.\n`);
        return exitCodes.done;
      }),
    );
  withReason(webhooks.command('test <webhook>'))
    .description('send a message that stands for no event, and show the answer')
    .addHelpText('after', examples('mesh webhooks test pager'))
    .action(
      bind(async (session, webhook: string, options: ReasonOptions) => {
        const answer = await session.call((client) =>
          client.webhooks.testWebhook({ webhook, reason: options.reason, changeTicket: options.ticket }),
        );
        if (session.json) printMessage(session, TestWebhookResponseSchema, answer);
        else if (answer.attempt?.accepted)
          session.printText(`The receiver took it (${answer.attempt.status}).\n`);
        else session.printText(`The receiver did not take it: ${answer.attempt?.message ?? ''}.\n`);
        return answer.attempt?.accepted ? exitCodes.done : exitCodes.unreachable;
      }),
    );
}

function withTarget(command: Command): Command {
  return withReason(command)
    .option('-e, --event <sequence>', "the event's sequence; repeatable", collect, [] as string[])
    .option('--all', 'all of the webhook');
}

async function listDeadLetters(session: Session, webhook: string, options: ListOptions): Promise<number> {
  const deadLetters: DeadLetter[] = [];
  let after = BigInt(options.after);
  let total = 0n;
  while (deadLetters.length < options.limit) {
    const size = Math.min(pageSize, options.limit - deadLetters.length);
    const page = await session.call((client) =>
      client.webhooks.listDeadLetters({ webhook, after, pageSize: size }),
    );
    deadLetters.push(...page.deadLetters);
    total = page.total;
    after = page.deadLetters.at(-1)?.event?.sequence ?? after;
    if (page.deadLetters.length < size) break;
  }
  if (session.json) {
    const answer = create(ListDeadLettersResponseSchema, { deadLetters, total });
    printMessage(session, ListDeadLettersResponseSchema, answer);
  } else session.printText(`${deadLettersTable(deadLetters)}${deadLetters.length} of ${total}\n`);
  return exitCodes.done;
}

async function redeliver(session: Session, webhook: string, options: TargetOptions): Promise<number> {
  const sequences = chosenSequences(options);
  const request = { webhook, sequences, reason: options.reason, changeTicket: options.ticket };
  let queued = 0n;
  let remaining = 0n;
  do {
    const answer = await session.call((client) => client.webhooks.redeliver(request));
    queued += answer.queued;
    remaining = answer.remaining;
    // The service takes a bounded number at a time.
    if (answer.queued === 0n) break;
  } while (options.all && remaining > 0n);
  if (session.json) {
    printMessage(session, RedeliverResponseSchema, create(RedeliverResponseSchema, { queued, remaining }));
  } else session.printText(`${queued} queued for another attempt; ${remaining} left as they are.\n`);
  return exitCodes.done;
}

async function drop(
  session: Session,
  webhook: string,
  options: TargetOptions & ConfirmOptions,
): Promise<number> {
  const sequences = chosenSequences(options);
  const what = sequences.length === 0 ? 'all dead letters' : `${sequences.length} dead letters`;
  const refused = await confirm(session, options, `Drop ${what} of ${webhook}`);
  if (refused !== undefined) return refused;
  const request = { webhook, sequences, reason: options.reason, changeTicket: options.ticket };
  let dropped = 0n;
  let remaining = 0n;
  do {
    const answer = await session.call((client) => client.webhooks.dropDeadLetters(request));
    dropped += answer.dropped;
    remaining = answer.remaining;
    if (answer.dropped === 0n) break;
  } while (options.all && remaining > 0n);
  if (session.json) {
    const answer = create(DropDeadLettersResponseSchema, { dropped, remaining });
    printMessage(session, DropDeadLettersResponseSchema, answer);
  } else session.printText(`${dropped} dropped; ${remaining} left.\n`);
  return exitCodes.done;
}

/** Empty for all. Throws `ProblemError`: FIELD_REQUIRED, FIELD_INVALID. */
function chosenSequences(options: TargetOptions): bigint[] {
  const { all = false, event } = options;
  if (all && event.length > 0) {
    throw new ProblemError({ code: 'FIELD_INVALID', message: 'either --event or --all', field: '--all' });
  }
  if (!all && event.length === 0) {
    const message = 'say which: --event SEQUENCE, or --all';
    throw new ProblemError({ code: 'FIELD_REQUIRED', message, field: '--event' });
  }
  return event.map((each) => BigInt(wholeNumber(each)));
}

function webhooksTable(webhooks: readonly Webhook[], nowMs: number): string {
  return textTable<Webhook>(
    [
      { title: 'WEBHOOK', value: (each) => each.name },
      { title: 'STATE', value: stateOf },
      { title: 'POSITION', align: 'right', value: (each) => String(each.position) },
      { title: 'BEHIND', align: 'right', value: (each) => String(each.behind) },
      { title: 'DELIVERED', align: 'right', value: (each) => String(each.delivered) },
      { title: 'DEAD', align: 'right', value: (each) => String(each.deadLetters) },
      { title: 'MISSED', align: 'right', value: (each) => String(each.missed) },
      { title: 'LAST', align: 'right', value: (each) => formatAge(each.last?.at, nowMs) },
      { title: 'ANSWER', value: (each) => answerOf(each.last) },
      { title: 'URL', value: (each) => each.url },
    ],
    webhooks,
  );
}

function stateOf({ state, attempts, maxAttempts }: Webhook): string {
  const word = webhookStateCodec.fromMessage(state);
  return state === WebhookState.RETRYING ? `${word} ${attempts}/${maxAttempts}` : word;
}

function answerOf(last: Webhook['last']): string {
  if (!last) return '-';
  return last.accepted ? String(last.status) : last.message;
}

function deadLettersTable(letters: readonly DeadLetter[]): string {
  return textTable<DeadLetter>(
    [
      { title: 'EVENT', align: 'right', value: (each) => String(each.event?.sequence ?? 0) },
      { title: 'TYPE', value: (each) => (each.event ? eventName(each.event.type) : '-') },
      { title: 'SUBJECT', value: (each) => each.event?.subject ?? '-' },
      { title: 'AT', value: (each) => formatTime(each.event?.at) },
      { title: 'ATTEMPTS', align: 'right', value: (each) => String(each.attempts) },
      { title: 'ANSWER', value: (each) => each.last?.message ?? '-' },
      { title: 'ASKED FOR', value: (each) => (each.redeliver ? 'yes' : '') },
    ],
    letters,
  );
}
