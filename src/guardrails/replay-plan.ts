import type { Move } from '../domain/move.ts';
import type { Verdict } from '../domain/verdict.ts';
import { isUrgent } from './exemptions.ts';
import { createFleetView } from './fleet-view.ts';
import { type Guardrail, resolveMove } from './guardrail.ts';
import type { MoveGuardrailContext, PlanGuardrailContext } from './guardrail-context.ts';
import { guardrails } from './guardrails.ts';
import { summarize } from './judge-each.ts';
import { worstDecision } from './verdicts.ts';

/** Rules about the state that a move meets or makes; how many moves run at once is a matter of time, not of the plan. */
const replayed = guardrails.filter((guardrail) => guardrail.replay);

interface Objections {
  worst: Verdict;
  count: number;
}

/**
 * What the rules about single moves say to a plan before any of its moves runs: the waves are played through on the
 * newest snapshot as they would be executed, all moves of a wave in flight at once, those that have to wait for others of
 * it one after the other behind them. At most one verdict per rule, the worst, with the number of moves that it speaks
 * of; nothing for a rule without objection. O(replicas + moves × (dimensions + replicas of a shard)).
 *
 * Waiting for other moves of the plan holds back single moves and not their plan, so that such a `throttle` is not told
 * again when the plan starts. The same goes for health in a plan that restores or drains: moves of shards that are
 * too ill to move wait, and the others need not wait with them.
 */
export function replayPlan(context: PlanGuardrailContext): readonly Verdict[] {
  if (context.moves.length === 0) return [];
  const found = new Map<Guardrail, Objections>();
  const base = moveContextOf(context);
  for (const wave of wavesOf(context.moves)) replayWave(base, wave, found);
  return replayed.flatMap((rule) => {
    const objections = found.get(rule);
    const verdict = objections && ofPlan(context, rule, objections);
    return verdict ? [verdict] : [];
  });
}

function replayWave(
  base: MoveGuardrailContext,
  wave: readonly Move[],
  found: Map<Guardrail, Objections>,
): void {
  const { view } = base;
  const begun: Move[] = [];
  const waiting: [Move, Judged][] = [];
  for (const move of wave) {
    const judged = judge(base, move);
    if (Array.from(judged.values()).some((verdict) => verdict.decision === 'throttle')) {
      waiting.push([move, judged]);
      continue;
    }
    note(found, judged);
    view.begin(move);
    begun.push(move);
  }
  for (const move of begun) view.complete(move);
  for (const [move, judged] of waiting) {
    note(found, new Map([...judged, ...judge(base, move)]));
    view.begin(move);
    view.complete(move);
  }
}

type Judged = ReadonlyMap<Guardrail, Verdict>;

/** Objections to one move in the state that it meets. */
function judge(base: MoveGuardrailContext, move: Move): Judged {
  const target = resolveMove(base.view, move);
  const judged = new Map<Guardrail, Verdict>();
  for (const rule of replayed) {
    const verdict = rule.move?.(base, target);
    if (verdict && verdict.decision !== 'allow') judged.set(rule, verdict);
  }
  return judged;
}

function moveContextOf(context: PlanGuardrailContext): MoveGuardrailContext {
  const { now, policy, incidents, overrides, moveTraces, planId, kind, snapshot } = context;
  const view = createFleetView(snapshot, policy);
  return {
    now,
    view,
    policy,
    clusterPolicy: policy,
    clusterMovesInFlight: 0,
    incidents,
    overrides,
    moveTraces,
    planId: planId ?? '',
    kind,
  };
}

function note(found: Map<Guardrail, Objections>, judged: Judged): void {
  for (const [rule, verdict] of judged) {
    const known = found.get(rule);
    if (!known) {
      found.set(rule, { worst: verdict, count: 1 });
      continue;
    }
    known.count += 1;
    if (worstDecision([known.worst, verdict]) !== known.worst.decision) known.worst = verdict;
  }
}

/** The verdict on the whole plan; undefined for what only makes single moves wait. */
function ofPlan(
  { phase, kind, moves }: PlanGuardrailContext,
  { code }: Guardrail,
  { worst, count }: Objections,
): Verdict | undefined {
  const verdict = summarize(code, worst, count, moves.length, '');
  // A plan that puts two moves of a shard into one wave asks for what is never allowed, whoever waits for whom.
  if (code === 'GUARDRAIL_REPLICA_IN_FLIGHT') {
    return { ...verdict, decision: 'block', remedy: 'Put the moves of a shard into different waves.' };
  }
  const waits = code === 'GUARDRAIL_MIN_HEALTHY_REPLICAS' && isUrgent(kind) && count < moves.length;
  const decision = waits ? 'throttle' : verdict.decision;
  return decision === 'throttle' && phase === 'start' ? undefined : { ...verdict, decision };
}

/** Moves by wave, in order; those of equal waves in the order of the plan. */
function wavesOf(moves: readonly Move[]): readonly (readonly Move[])[] {
  const waves = new Map<number, Move[]>();
  for (const move of moves) {
    const wave = waves.get(move.wave);
    if (wave) wave.push(move);
    else waves.set(move.wave, [move]);
  }
  return [...waves.entries()].sort(([left], [right]) => left - right).map(([, wave]) => wave);
}
