import { create } from '@bufbuild/protobuf';
import { expectOk, ProblemError } from '../../domain/problem.ts';
import type { WhatIfAnswer } from '../../domain/what-if-answer.ts';
import {
  type WhatIfRequest,
  WhatIfRequestSchema,
  WhatIfResponseSchema,
} from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { expectFile } from '../../wire/expect-file.ts';
import { parsePolicyFile } from '../../wire/policy-file.ts';
import { policySpecToMessage } from '../../wire/policy-spec-to-message.ts';
import { parseSnapshotFile } from '../../wire/snapshot-file.ts';
import { fleetChangeToMessage, whatIfFromMessage, whatIfToMessage } from '../../wire/what-if-codec.ts';
import { exitCodes } from '../exit-codes.ts';
import { chosenNamespace } from '../namespace.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { describeWhatIf } from '../views/what-if-view.ts';
import { namedByOption, parseWhatIf, type WhatIfOption } from '../what-if-option.ts';
import { refuseFileOptions, refuseWarmStart } from './file-options.ts';
import { readPolicyFiles } from './plan-from-files.ts';
import type { PlanOptions } from './plan-options.ts';

/** Moves that are listed below the answer; programs get as many as one message has. */
const movesShown = 10;
const movesForPrograms = 10_000;

/** `mesh shards rebalance plan --what-if ...`: answers at once, by the service or from files. */
export async function planWhatIf(session: Session, options: PlanOptions): Promise<number> {
  refuseWhatRuns(options);
  refuseWarmStart(options.warmStart, 'a what-if is of a fleet that no plan has seen, and begins cold');
  const asked = options.whatIf.map(parseWhatIf);
  const texts = asked.flatMap((each) => (each.kind === 'change' ? [each.text] : []));
  try {
    return options.snapshot === undefined
      ? await askService(session, options, asked)
      : await askFiles(session, options, asked, options.snapshot);
  } catch (thrown) {
    throw thrown instanceof ProblemError ? namedByOption(thrown.problems, texts) : thrown;
  }
}

function refuseWhatRuns({ wait, override }: PlanOptions): void {
  const field = wait ? '--wait' : override.length > 0 ? '--override' : undefined;
  if (field === undefined) return;
  throw new ProblemError({
    code: 'FIELDS_CONTRADICT',
    message: `a what-if never runs, so that ${field} has nothing to act on`,
    field,
    remedy: `Leave ${field} out; what policy should let pass is asked with --what-if policy=FILE.`,
  });
}

async function askService(
  session: Session,
  options: PlanOptions,
  asked: readonly WhatIfOption[],
): Promise<number> {
  refuseFileOptions(
    options,
    'the service answers by the policies applied to it',
    'Write --what-if policy=FILE to ask what another policy would do, or add --snapshot.',
  );
  const namespace = await chosenNamespace(session, options);
  const overlay = await overlayOf(session, asked);
  const request: WhatIfRequest = create(WhatIfRequestSchema, {
    namespace,
    changes: changesOf(asked).map(fleetChangeToMessage),
    ...(overlay ? { policy: policySpecToMessage(overlay) } : {}),
    seed: BigInt(options.seed),
    budget: {
      ...(options.maxMoves === undefined ? {} : { maxMoves: BigInt(options.maxMoves) }),
      ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
      ...(options.maxShare === undefined ? {} : { maxShareOfShards: options.maxShare }),
    },
    moveLimit: session.json ? movesForPrograms : movesShown,
    reason: options.reason,
  });
  const answer = await session.call((client) => client.plans.whatIf(request));
  if (session.json) printMessage(session, WhatIfResponseSchema, answer);
  else session.printText(describeWhatIf(whatIfFromMessage(answer), session.style, movesShown));
  return exitCodes.done;
}

async function askFiles(
  session: Session,
  options: PlanOptions,
  asked: readonly WhatIfOption[],
  path: string,
): Promise<number> {
  const { context } = session;
  const snapshot = expectFile(path, parseSnapshotFile(await context.readFile(path)));
  const answer: WhatIfAnswer = expectOk(
    await context.services.whatIfOffline({
      snapshot,
      policies: await readPolicyFiles(session, options.policy),
      changes: changesOf(asked),
      overlay: await overlayOf(session, asked),
      seed: options.seed,
      budget: { maxMoves: options.maxMoves, maxBytes: options.maxBytes, maxShareOfShards: options.maxShare },
      scoringModules: options.scoringModule,
      plannerModules: options.plannerModule,
      folder: context.folder,
      reason: options.reason,
      changeTicket: options.ticket,
    }),
  );
  if (session.json) printMessage(session, WhatIfResponseSchema, whatIfToMessage(answer, movesForPrograms));
  else session.printText(describeWhatIf(answer, session.style, movesShown));
  return exitCodes.done;
}

function changesOf(asked: readonly WhatIfOption[]) {
  return asked.flatMap((each) => (each.kind === 'change' ? [each.change] : []));
}

/** The policy file that is laid over, if one is named; two would leave open which one wins. */
async function overlayOf(session: Session, asked: readonly WhatIfOption[]) {
  const [file, second] = asked.flatMap((each) => (each.kind === 'policy' ? [each.file] : []));
  if (file === undefined) return undefined;
  if (second !== undefined) {
    throw new ProblemError({
      code: 'FIELDS_CONTRADICT',
      message: 'two policies are laid over at once',
      field: '--what-if',
      value: `policy=${second}`,
      limit: `policy=${file}`,
      remedy: 'Write what should be different into one file.',
    });
  }
  return expectFile(file, parsePolicyFile(await session.context.readFile(file))).overlay;
}
