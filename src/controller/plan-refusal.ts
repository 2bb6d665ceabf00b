import type { Problem } from '../domain/problem.ts';
import { isoTime } from '../guardrails/verdicts.ts';
import type { Frozen } from './frozen.ts';
import type { MadePlan } from './make-plan.ts';
import { problemsOfVerdicts } from './problems.ts';

/**
 * Why a plan that is meant to run is not stored: each guardrail that blocks, or nothing to do. Where a search found too
 * little because recent moves keep nodes and shards at rest, the refusal says how many and until when.
 */
export function refusalOf(made: MadePlan): readonly Problem[] {
  const { namespace, summary } = made.plan;
  if (summary.moves > 0) {
    return problemsOfVerdicts(made.verdicts).map((problem) =>
      problem.code === 'GUARDRAIL_BENEFIT' ? explained(problem, made.frozen) : problem,
    );
  }
  const why = made.content.obstacles[0]?.message;
  const message = `no move is worth its price in ${namespace}${why ? `: ${why}` : ''}`;
  return [explained({ code: 'NOTHING_TO_DO', message, subject: `controller/${namespace}` }, made.frozen)];
}

/** The problem with what rests as its cause, when something does. */
function explained(problem: Problem, { nodes, shards, until }: Frozen): Problem {
  if (until === 0) return problem;
  const rests = [counted(nodes.length, 'node'), counted(shards.length, 'shard')].filter(
    (text) => text !== '',
  );
  const lasts = isoTime(until);
  const codes = [
    nodes.length > 0 ? 'GUARDRAIL_COOLDOWN_NODE' : '',
    shards.length > 0 ? 'GUARDRAIL_COOLDOWN_SHARD' : '',
  ].filter((code) => code !== '');
  return {
    ...problem,
    message: `${problem.message.replace(/\.$/, '')}; cooldowns after recent moves keep ${rests.join(' and ')} at rest until ${lasts}`,
    value: problem.value ?? `${rests.join(' and ')} at rest`,
    limit: problem.limit ?? `until ${lasts}`,
    remedy: `Wait until ${lasts}, or override ${codes.join(' and ')} with a reason (needs mesh.admin).`,
  };
}

function counted(count: number, noun: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
