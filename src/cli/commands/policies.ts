import type { Command } from 'commander';
import { effectivePolicy } from '../../domain/policy-merge.ts';
import type { PolicyDocument } from '../../domain/policy-overlay.ts';
import { validatePolicy } from '../../domain/policy-validate.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import {
  ApplyPolicyResponseSchema,
  GetPolicyResponseSchema,
  ListPoliciesResponseSchema,
} from '../../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { builtInScoringAdapters } from '../../scoring/built-in-adapters.ts';
import { expectFile } from '../../wire/expect-file.ts';
import { policyDocumentFromMessage, policyFromMessage } from '../../wire/policy-codec.ts';
import { formatPolicyFile, type PolicyFile, parsePolicyFile } from '../../wire/policy-file.ts';
import { policySpecToMessage } from '../../wire/policy-spec-to-message.ts';
import { problemFromMessage } from '../../wire/problem-codec.ts';
import { parseSnapshotFile } from '../../wire/snapshot-file.ts';
import type { Bind } from '../action.ts';
import { type ConfirmOptions, confirm, withConfirmation } from '../confirm.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { type ReasonOptions, wholeNumber, withReason } from '../options.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { textTable } from '../text-table.ts';

/** `mesh policies ...` */
export function addPolicyCommands(policies: Command, bind: Bind): void {
  policies.addHelpText(
    'after',
    examples(
      'mesh policies validate policies/*.yaml',
      'mesh policies apply policies/orders.yaml --reason "tighter target"',
    ),
  );
  addValidate(policies, bind);
  addApply(policies, bind);
  addShow(policies, bind);
  policies
    .command('list')
    .alias('ls')
    .description('list policies with their newest revisions')
    .addHelpText('after', examples('mesh policies list'))
    .action(
      bind(async (session) => {
        const answer = await session.call((client) => client.policies.listPolicies({}));
        if (session.json) printMessage(session, ListPoliciesResponseSchema, answer);
        else session.printText(documentsTable(answer.policies.map(policyDocumentFromMessage)));
        return 0;
      }),
    );
}

interface ValidateOptions {
  readonly snapshot?: string;
  readonly remote?: boolean;
}

function addValidate(policies: Command, bind: Bind): void {
  policies
    .command('validate <files...>')
    .description('say everything that is wrong with policy files; needs no service')
    .option('--snapshot <file>', 'check names of nodes, groups and dimensions against this snapshot as well')
    .option('--remote', 'let the service check them, against its fleet and its scoring adapters')
    .addHelpText('after', examples('mesh policies validate policies/*.yaml'))
    .action(
      bind(async (session, files: readonly string[], options: ValidateOptions) => {
        const found: Problem[] = [];
        for (const path of files) {
          const problems = await problemsOfFile(session, path, options);
          if (problems.length === 0 && !session.json)
            session.printText(`${path}: ${session.style.good('valid')}\n`);
          found.push(...problems.map((problem) => ({ ...problem, subject: problem.subject ?? path })));
        }
        const [first, ...others] = found;
        if (first) throw new ProblemError(first, ...others);
        if (session.json) session.printText(`${JSON.stringify({ valid: true, files })}\n`);
        return exitCodes.done;
      }),
    );
}

async function problemsOfFile(
  session: Session,
  path: string,
  options: ValidateOptions,
): Promise<readonly Problem[]> {
  const parsed = parsePolicyFile(await session.context.readFile(path));
  if (!parsed.ok) return parsed.error;
  const { cluster, namespace, overlay } = parsed.value;
  if (options.remote) {
    const spec = policySpecToMessage(overlay);
    const answer = await session.call((client) =>
      client.policies.validatePolicy({ cluster, namespace, spec }),
    );
    return answer.problems.map(problemFromMessage);
  }
  const layers = namespace === '' ? ([overlay, undefined] as const) : ([undefined, overlay] as const);
  const policy = effectivePolicy(cluster, namespace, layers[0], layers[1], 0);
  if (options.snapshot === undefined) return validatePolicy(policy);
  const bytes = await session.context.readFile(options.snapshot);
  const snapshot = expectFile(options.snapshot, parseSnapshotFile(bytes));
  return validatePolicy(policy, { snapshot, adapters: builtInScoringAdapters });
}

interface ApplyOptions extends ReasonOptions, ConfirmOptions {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly expectedRevision?: number;
}

function addApply(policies: Command, bind: Bind): void {
  withConfirmation(withReason(policies.command('apply <file>')))
    .description('make a policy file the newest revision; nothing changes when anything in it is wrong')
    .option('--cluster <name>', 'instead of the cluster that the file names')
    .option('-n, --namespace <name>', 'instead of the namespace that the file names')
    .option(
      '--expected-revision <n>',
      'only if this is still the newest; 0: only if there is none',
      wholeNumber,
    )
    .addHelpText(
      'after',
      examples('mesh policies apply policies/orders.yaml --reason "tighter target for the sale"'),
    )
    .action(
      bind(async (session, path: string, options: ApplyOptions) => {
        const file: PolicyFile = expectFile(path, parsePolicyFile(await session.context.readFile(path)));
        const { expectedRevision, cluster = file.cluster, namespace = file.namespace } = options;
        const revision = options.yes ? undefined : await newestRevision(session, cluster, namespace);
        const refused =
          revision === undefined
            ? undefined
            : await confirm(
                session,
                options,
                `Replace revision ${revision} of the policy of ${placeOf({ cluster, namespace })}`,
              );
        if (refused !== undefined) return refused;
        const answer = await session.call((client) =>
          client.policies.applyPolicy({
            cluster,
            namespace,
            spec: policySpecToMessage(file.overlay),
            ...(expectedRevision === undefined ? {} : { expectedRevision: BigInt(expectedRevision) }),
            reason: options.reason,
            changeTicket: options.ticket,
          }),
        );
        if (session.json) printMessage(session, ApplyPolicyResponseSchema, answer);
        else
          session.printText(
            `Policy of ${placeOf(answer.document)} is now at revision ${answer.document?.revision ?? 0n}.\n`,
          );
        return exitCodes.done;
      }),
    );
}

/** Undefined where there is no policy yet: a first one takes nothing away. */
async function newestRevision(
  session: Session,
  cluster: string,
  namespace: string,
): Promise<bigint | undefined> {
  const { policies } = await session.call((client) => client.policies.listPolicies({}));
  return policies.find((each) => each.cluster === cluster && each.namespace === namespace)?.revision;
}

interface ShowOptions {
  readonly cluster?: string;
  readonly namespace: string;
  readonly revision?: number;
  readonly effective?: boolean;
}

function addShow(policies: Command, bind: Bind): void {
  policies
    .command('show')
    .description('show a policy as it was written, or with everything that holds (--effective)')
    .option('--cluster <name>', 'cluster; that of the service when left out')
    .option('-n, --namespace <name>', "namespace; the cluster's own policy when left out", '')
    .option('--revision <n>', 'an older revision', wholeNumber)
    .option('--effective', "with the cluster's policy and the defaults filled in")
    .addHelpText('after', examples('mesh policies show --namespace orders --effective'))
    .action(
      bind(async (session, options: ShowOptions) => {
        const cluster =
          options.cluster ?? (await session.call((client) => client.status.getStatus({}))).cluster;
        const revision = options.revision === undefined ? {} : { revision: BigInt(options.revision) };
        const answer = await session.call((client) =>
          client.policies.getPolicy({ cluster, namespace: options.namespace, ...revision }),
        );
        if (session.json) printMessage(session, GetPolicyResponseSchema, answer);
        else if (options.effective && answer.effective) {
          const {
            cluster: _,
            namespace: __,
            revision: ___,
            ...overlay
          } = policyFromMessage(answer.effective);
          session.printText(formatPolicyFile({ cluster, namespace: options.namespace, overlay }));
        } else if (answer.document)
          session.printText(formatPolicyFile(policyDocumentFromMessage(answer.document)));
        return exitCodes.done;
      }),
    );
}

function documentsTable(documents: readonly PolicyDocument[]): string {
  return textTable<PolicyDocument>(
    [
      { title: 'CLUSTER', value: (each) => each.cluster },
      { title: 'NAMESPACE', value: (each) => each.namespace || '(cluster)' },
      { title: 'REVISION', align: 'right', value: (each) => String(each.revision) },
      { title: 'MODE', value: (each) => each.overlay.mode ?? '-' },
      { title: 'BY', value: (each) => each.appliedBy },
      { title: 'AT', value: (each) => new Date(each.appliedAt).toISOString() },
      { title: 'REASON', value: (each) => each.reason },
    ],
    documents,
  );
}

function placeOf(document: { readonly cluster: string; readonly namespace: string } | undefined): string {
  if (!document) return '';
  return document.namespace === '' ? `cluster ${document.cluster}` : `namespace ${document.namespace}`;
}
