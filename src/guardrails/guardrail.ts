import type { GuardrailCode } from '../domain/error-codes.ts';
import type { Move } from '../domain/move.ts';
import type { Node } from '../domain/node.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { FleetView } from './fleet-view.ts';
import type { MoveGuardrailContext, PlanGuardrailContext, PlanPhase } from './guardrail-context.ts';

/** One rule, where it applies, and how it judges; `guardrails.ts` lists them all. */
export interface Guardrail {
  readonly code: GuardrailCode;
  /** Judges a whole plan in these phases; always answers, also `allow`. */
  readonly plan?: { readonly phases: readonly PlanPhase[]; judge(context: PlanGuardrailContext): Verdict };
  /** Judges one move right before it starts; answers nothing where it has no objection. */
  readonly move?: MoveRule;
  /** Whether a plan is also judged by this move rule over all of its moves, wave by wave (`replay-plan.ts`). */
  readonly replay?: true;
}

export type MoveRule = (context: MoveGuardrailContext, target: MoveTarget) => Verdict | undefined;

/** A move with its names looked up in the view; -1 or undefined for what the view does not have. */
export interface MoveTarget {
  readonly move: Move;
  readonly shard: number;
  readonly row: number;
  readonly source: number;
  readonly destination: number;
  readonly sourceNode: Node | undefined;
  readonly destinationNode: Node | undefined;
}

export function resolveMove(view: FleetView, move: Move): MoveTarget {
  const shard = view.shardIndex(move.shard);
  const source = view.nodeIndex(move.source);
  const destination = view.nodeIndex(move.destination);
  return {
    move,
    shard,
    row: view.replicaRow(shard, move.replica),
    source,
    destination,
    sourceNode: view.snapshot.nodes[source],
    destinationNode: view.snapshot.nodes[destination],
  };
}

export const everyPhase: readonly PlanPhase[] = ['create', 'approve', 'start'];
