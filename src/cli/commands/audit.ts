import { create } from '@bufbuild/protobuf';
import { type Command, Option } from 'commander';
import { verifyExport } from '../../audit/export.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { AuditRecord } from '../../gen/meshkit/rebalancer/v1/audit_pb.ts';
import {
  ListAuditRecordsResponseSchema,
  VerifyAuditTrailResponseSchema,
} from '../../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { auditRecordFromMessage } from '../../wire/audit-codec.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { formatTime, shortDigest } from '../format.ts';
import { wholeNumber } from '../options.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { textTable } from '../text-table.ts';

interface FilterOptions {
  readonly namespace: string;
  readonly subject: string;
  readonly actor: string;
  readonly action: string;
  readonly after: number;
}

/** `mesh audit ...` */
export function addAuditCommands(audit: Command, bind: Bind): void {
  audit.addHelpText('after', examples('mesh audit list --subject plan/PLAN', 'mesh audit verify'));
  withFilters(audit.command('list').alias('ls'))
    .description('list records in order')
    .option('--limit <n>', 'most records to list', wholeNumber, 100)
    .addHelpText('after', examples('mesh audit list --subject plan/PLAN'))
    .action(
      bind(async (session, options: FilterOptions & { readonly limit: number }) => {
        const records: AuditRecord[] = [];
        for await (const record of readRecords(session, options, options.limit)) records.push(record);
        if (session.json)
          printMessage(
            session,
            ListAuditRecordsResponseSchema,
            create(ListAuditRecordsResponseSchema, { records }),
          );
        else session.printText(recordsTable(records));
        return 0;
      }),
    );
  audit
    .command('verify')
    .description('recompute the whole chain: in the service, or of an exported file')
    .option('--file <path>', 'a file that `mesh audit export` wrote; needs no service')
    .addHelpText('after', examples('mesh audit verify', 'mesh audit verify --file trail.jsonl'))
    .action(
      bind(async (session, options: { readonly file?: string }) => {
        if (options.file !== undefined) return verifyFile(session, options.file);
        const answer = await session.call((client) => client.audit.verifyAuditTrail({}));
        if (session.json) printMessage(session, VerifyAuditTrailResponseSchema, answer);
        else
          session.printText(
            `The chain of ${answer.records} records is whole; its head is ${answer.headHash}.\n`,
          );
        return 0;
      }),
    );
  withFilters(audit.command('export'))
    .description('write the trail, one JSON record a line; whole, it can be verified anywhere')
    .addOption(new Option('--out <path>', 'file to write; standard output when left out'))
    .addHelpText(
      'after',
      examples('mesh audit export --out trail.jsonl && mesh audit verify --file trail.jsonl'),
    )
    .action(bind(exportRecords));
}

function withFilters(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'only of this namespace', '')
    .option('--subject <subject>', 'only about this: plan/ID, node/ID, policy/CLUSTER/NAMESPACE, ...', '')
    .option('--actor <principal>', 'only by this principal', '')
    .option('--action <action>', 'only this action: plan.approve, controller.transition, ...', '')
    .option('--after <sequence>', 'only records with a greater sequence', wholeNumber, 0);
}

async function* readRecords(
  session: Session,
  options: FilterOptions,
  limit: number,
): AsyncGenerator<AuditRecord, void> {
  const { namespace, subject, actor, action } = options;
  const filter = { namespace, subject, actor, action, after: BigInt(options.after) };
  yield* (await session.client()).listAuditRecords(filter, limit);
}

async function exportRecords(
  session: Session,
  options: FilterOptions & { readonly out?: string },
): Promise<number> {
  const lines: string[] = [];
  for await (const message of readRecords(session, options, Number.POSITIVE_INFINITY)) {
    lines.push(`${JSON.stringify(auditRecordFromMessage(message))}\n`);
  }
  if (options.out === undefined) {
    for (const line of lines) session.printText(line);
    return 0;
  }
  await session.context.writeFile(options.out, lines.join(''));
  session.context.terminal.error(`${lines.length} records written to ${options.out}\n`);
  return 0;
}

async function verifyFile(session: Session, path: string): Promise<number> {
  const text = new TextDecoder().decode(await session.context.readFile(path));
  const result = await verifyExport(text.split('\n'));
  if (!result.ok) throw new ProblemError(result.error);
  const { sequence: records, hash: headHash } = result.value;
  session.printText(
    session.json
      ? `${JSON.stringify({ records, headHash })}\n`
      : `The chain of ${records} records is whole; its head is ${headHash}.\n`,
  );
  return 0;
}

function recordsTable(records: readonly AuditRecord[]): string {
  return textTable<AuditRecord>(
    [
      { title: 'SEQ', align: 'right', value: (each) => String(each.sequence) },
      { title: 'AT', value: (each) => formatTime(each.at) },
      { title: 'ACTOR', value: (each) => each.actor },
      { title: 'ACTION', value: (each) => each.action },
      { title: 'SUBJECT', value: (each) => each.subject },
      { title: 'OUTCOME', value: (each) => each.outcome },
      { title: 'TICKET', value: (each) => each.changeTicket || '-' },
      { title: 'REASON', value: (each) => each.reason },
      { title: 'DETAILS', value: describeDetails },
    ],
    records,
  );
}

/** `from=approved to=executing`; digests are cut short, `-o json` has them whole. */
function describeDetails(record: AuditRecord): string {
  return Object.entries(record.details)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${shortDigest(value)}`)
    .sort()
    .join(' ');
}
