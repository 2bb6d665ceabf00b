import { err, ok, type Result } from '../base/result.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { CommitBatch, CommitReceipt } from '../ports/store.ts';
import type { CommandDeps, CoreDeps, NamespaceUnit } from './core-deps.ts';
import { namespaceNotFound, type Problems } from './problems.ts';

/** What a command is about, for its audit record. */
export interface CommandSubject {
  readonly action: string;
  readonly namespace: string;
  readonly subject: string;
}

/** Times that a command reads, decides and writes before it gives up on others who write the same. */
export const maxCommandAttempts = 5;

/** What one attempt came to: the batch to commit and what to answer once it is. */
export interface CommandAttempt<T> {
  readonly batch: CommitBatch;
  readonly answer: T;
}

/**
 * Runs a command to its end: decides on fresh reads, commits, and decides again when somebody else wrote in between.
 * A refusal is audited with the code of its first problem. Problems: the command's own, REVISION_CONFLICT after
 * `maxCommandAttempts`.
 */
export async function runCommand<T>(
  core: CoreDeps,
  about: CommandSubject,
  context: CommandContext,
  attempt: () => Promise<Result<CommandAttempt<T>, Problems>>,
): Promise<Result<T, Problems>> {
  let conflict: Problem | undefined;
  for (let round = 0; round < maxCommandAttempts; round++) {
    const decided = await attempt();
    if (!decided.ok) return refuse(core, about, context, decided.error);
    const committed: Result<CommitReceipt, Problem> = await core.store.commit(decided.value.batch);
    if (committed.ok) return ok(decided.value.answer);
    if (committed.error.code !== 'REVISION_CONFLICT') {
      return refuse(core, about, context, [committed.error]);
    }
    conflict = committed.error;
  }
  const gaveUp: Problem = conflict ?? { code: 'REVISION_CONFLICT', message: 'others kept writing the same' };
  return refuse(core, about, context, [gaveUp]);
}

/** Audits a refusal and answers it. */
export async function refuse(
  core: CoreDeps,
  about: CommandSubject,
  context: CommandContext,
  problems: Problems,
): Promise<Result<never, Problems>> {
  const codes = [...new Set(problems.map((problem) => problem.code))].join(', ');
  const audited = await core.store.commit({
    audit: [
      {
        at: core.clock.now(),
        actor: context.principal.id,
        ...about,
        cluster: core.cluster,
        reason: context.reason,
        changeTicket: context.changeTicket,
        transport: context.transport,
        outcome: problems[0].code,
        before: '',
        after: '',
        details: { codes, message: problems[0].message },
      },
    ],
  });
  if (!audited.ok) core.log.error('a refusal could not be audited', { code: audited.error.code });
  return err(problems);
}

/** The namespace's unit. Problem: NAMESPACE_NOT_FOUND. */
export function findUnit(
  deps: Pick<CommandDeps, 'units'>,
  namespace: string,
): Result<NamespaceUnit, Problems> {
  const unit = deps.units.get(namespace);
  return unit ? ok(unit) : err([namespaceNotFound(namespace, deps.units.keys())]);
}
