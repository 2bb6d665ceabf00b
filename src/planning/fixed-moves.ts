import { err, ok, type Result } from '../base/result.ts';
import type { RequestedMove } from '../domain/planning.ts';
import type { Problem } from '../domain/problem.ts';
import { immobilityCode } from './constraints/admission.ts';
import type { PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import type { WaveResult } from './waves.ts';

/** Problems reported at once. */
const maxProblems = 50;

/**
 * Requested moves in dense indices. Problems, each with `task.moves[i]`: SHARD_NOT_FOUND, NODE_NOT_FOUND,
 * FIELD_INVALID (no such replica, already there, not the leader), PLACEMENT_INFEASIBLE (the node takes nothing, the
 * shard may not move).
 */
export function resolveFixedMoves(
  problem: PlanningProblem,
  requested: readonly RequestedMove[],
): Result<readonly PlannedMove[], readonly Problem[]> {
  const { snapshot } = problem.request;
  const nodes = new Map(snapshot.nodes.map((node, index) => [node.id, index]));
  const shards = new Map(problem.shards.ids.map((id, index) => [id, index]));
  // Where replicas and leadership are after the moves before, since a replica may move more than once.
  const current = new Map<number, number>();
  const leaders = new Map<number, number>();
  const problems: Problem[] = [];
  const moves: PlannedMove[] = [];
  for (const [index, move] of requested.entries()) {
    if (problems.length >= maxProblems) break;
    const found = resolveMove({ problem, nodes, shards, current, leaders }, move, `task.moves[${index}]`);
    if (!found.ok) problems.push(found.error);
    else moves.push(found.value);
  }
  return problems.length > 0 ? err(problems) : ok(moves);
}

interface Resolver {
  readonly problem: PlanningProblem;
  readonly nodes: ReadonlyMap<string, number>;
  readonly shards: ReadonlyMap<string, number>;
  readonly current: Map<number, number>;
  readonly leaders: Map<number, number>;
}

function resolveMove(context: Resolver, move: RequestedMove, field: string): Result<PlannedMove, Problem> {
  const { problem } = context;
  const subject = `shard/${move.shard}`;
  const invalid = (message: string, member: string, value: string | number): Result<PlannedMove, Problem> =>
    err({ code: 'FIELD_INVALID', message, field: `${field}.${member}`, value, subject });
  const shard = context.shards.get(move.shard);
  if (shard === undefined) {
    const message = `the fleet has no shard ${move.shard}`;
    return err({ code: 'SHARD_NOT_FOUND', message, field: `${field}.shard`, value: move.shard, subject });
  }
  const immobile = immobilityCode(problem, shard);
  if (immobile !== null) {
    const message = `shard ${move.shard} may not move: ${immobile === 'pin' ? 'a pin keeps it' : 'it is paused or disabled'}`;
    return err({ code: 'PLACEMENT_INFEASIBLE', message, field, subject, limit: immobile });
  }
  const replica = replicaRow(problem, shard, move.replica);
  const successor = replicaRow(problem, shard, move.successor);
  if (replica < 0)
    return invalid(`shard ${move.shard} has no replica ${move.replica}`, 'replica', move.replica);
  if (move.kind === 'transferLeadership') {
    if (successor < 0 || successor === replica) {
      return invalid(
        `shard ${move.shard} has no other replica ${move.successor}`,
        'successor',
        move.successor,
      );
    }
    const leader = context.leaders.get(shard) ?? initialLeader(problem, shard);
    if (leader !== replica) {
      return invalid(`replica ${move.replica} of shard ${move.shard} does not lead`, 'replica', move.replica);
    }
    context.leaders.set(shard, successor);
    return ok({ kind: 'transfer', replica, successor, to: -1, staged: false });
  }
  const to = context.nodes.get(move.destination);
  if (to === undefined) {
    const message = `the fleet has no node ${move.destination}`;
    return err({
      code: 'NODE_NOT_FOUND',
      message,
      field: `${field}.destination`,
      value: move.destination,
      subject,
    });
  }
  if (problem.nodes.takes[to] === 0) {
    const message = `node ${move.destination} takes no replicas now: it is not alive and active`;
    return err({ code: 'PLACEMENT_INFEASIBLE', message, field, subject, limit: 'nodeTakesNothing' });
  }
  if ((context.current.get(replica) ?? problem.shards.replicaNodes[replica]) === to) {
    return invalid(
      `replica ${move.replica} is on node ${move.destination} already`,
      'destination',
      move.destination,
    );
  }
  context.current.set(replica, to);
  return ok({ kind: 'relocate', replica, successor: replica, to, staged: false });
}

function replicaRow(problem: PlanningProblem, shard: number, number: number): number {
  const { replicaOffsets, replicaNumbers } = problem.shards;
  for (let r = replicaOffsets[shard]; r < replicaOffsets[shard + 1]; r++)
    if (replicaNumbers[r] === number) return r;
  return -1;
}

function initialLeader(problem: PlanningProblem, shard: number): number {
  const { replicaOffsets, replicaLeads } = problem.shards;
  for (let r = replicaOffsets[shard]; r < replicaOffsets[shard + 1]; r++) if (replicaLeads[r] === 1) return r;
  return -1;
}

/** PLACEMENT_INFEASIBLE per move that no order lets pass, with the rule that it would break. */
export function orderProblems(problem: PlanningProblem, dropped: WaveResult['dropped']): readonly Problem[] {
  return dropped.slice(0, maxProblems).map(({ move, constraint }): Problem => {
    const shard = problem.shards.ids[problem.shardOf[move.replica]];
    const number = problem.shards.replicaNumbers[move.replica];
    const what =
      move.kind === 'relocate'
        ? `moving replica ${number} of shard ${shard} to node ${problem.request.snapshot.nodes[move.to].id}`
        : `transferring leadership of shard ${shard} from replica ${number}`;
    const rule = constraint?.name ?? 'the order of the moves of its shard';
    return {
      code: 'PLACEMENT_INFEASIBLE',
      message: `${what} would break "${rule}" in every order of the moves`,
      field: 'task.moves',
      subject: `shard/${shard}`,
      limit: constraint?.obstacle ?? 'intermediateCapacity',
      remedy: `Leave the move out, or make room for "${rule}" first.`,
    };
  });
}
