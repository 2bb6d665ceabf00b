import { incidentSeverities } from '../domain/incident.ts';
import type { Move, MoveFailure } from '../domain/move.ts';
import type { Verdict } from '../domain/verdict.ts';
import { pausePlan } from './auto-pause.ts';
import { verdictEvent } from './execution-records.ts';
import { allowedMoves, govern } from './governor.ts';
import { judgeStart } from './judge-start.ts';
import type { PlanRun } from './plan-run.ts';
import { recordUnstarted } from './unstarted-move.ts';
import { healthOfNodes } from './wave-health.ts';

/** Waiting moves that are judged in one turn: bounds the time for which a turn keeps the event loop. */
const maxJudgedPerTurn = 256;

type Launch = (move: Move, leave: () => void) => void;

/** Starts waiting moves as long as the governor, the cluster and the guardrails let it. */
export async function startWhatMay(run: PlanRun, waiting: Set<Move>, launch: Launch): Promise<void> {
  // An outcome that is unknown is reconciled before anything else begins.
  if (run.board.count('unknown') > 0) return;
  for (const move of [...take(waiting, maxJudgedPerTurn)]) {
    if (run.inFlight.size >= allowedMoves(run.governor) || run.cancel || run.stopping()) return;
    const expected = run.board.expectedVersion(move);
    if (expected.kind === 'wait') continue;
    if (expected.kind === 'never') {
      waiting.delete(move);
      await recordUnstarted(run, move, 'skipped', predecessorFailure(expected.predecessor));
      continue;
    }
    const decision = judgeStart(run, move);
    if (decision.kind === 'start') {
      const leave = run.deps.clusterGate.tryEnter(run.deps.world.clusterPolicy().concurrency.cluster);
      if (!leave) return;
      launch(move, leave);
      continue;
    }
    await tell(run, move, decision.verdict);
    if (decision.kind === 'pausePlan') {
      const { code, message, remedy } = decision.verdict;
      await pausePlan(run, { code, message, remedy });
      return;
    }
    if (decision.kind === 'wait' && decision.wholePlan) return;
    if (decision.kind === 'failMove' || hasWaitedTooLong(run, move, decision.verdict)) {
      waiting.delete(move);
      run.heldSince.delete(move.id);
      const { code, message } = decision.verdict;
      await recordUnstarted(run, move, 'failed', { code, message });
      run.bell.ring();
      return;
    }
    // Others have their turn before this one is looked at again.
    waiting.delete(move);
    waiting.add(move);
  }
}

/** Lets the governor see pressure on the nodes that take part. */
export function adjustGovernor(run: PlanRun): void {
  const { world, clock } = run.deps;
  const involved = new Set<string>();
  for (const { move } of run.inFlight.values()) {
    involved.add(move.source);
    involved.add(move.destination);
  }
  const health = healthOfNodes(world.snapshot(), involved);
  run.governor = govern(run.governor, {
    at: clock.now(),
    cap: concurrencyCap(run),
    inFlight: run.inFlight.size,
    backpressure: health.backpressure,
    latencyMs: health.latencyMs,
    baselineLatencyMs: run.baseline.latency?.value,
  });
}

function concurrencyCap(run: PlanRun): number {
  const { world } = run.deps;
  const policy = world.policy();
  const cap = Math.min(policy.concurrency.namespace, world.clusterPolicy().concurrency.cluster);
  const { throttleFrom, throttledConcurrency } = policy.incidents;
  if (throttleFrom === 'never') return cap;
  const { namespace } = run.log.plan();
  const threshold = incidentSeverities.indexOf(throttleFrom);
  const throttled = world
    .incidents()
    .some(
      (incident) =>
        incident.closedAt === 0 &&
        (incident.namespace === '' || incident.namespace === namespace) &&
        incidentSeverities.indexOf(incident.severity) >= threshold,
    );
  return throttled ? Math.min(cap, throttledConcurrency) : cap;
}

/**
 * A move that nothing in flight can make possible waits so long for a block, and longer for a throttle, and then ends.
 * What holds the whole plan back is not the move's fault and has no such end.
 */
function hasWaitedTooLong(run: PlanRun, move: Move, { decision }: Verdict): boolean {
  const now = run.deps.clock.now();
  const held = run.heldSince.get(move.id);
  const since = held?.decision === decision ? held.since : now;
  run.heldSince.set(move.id, { decision, since });
  const { stepTimeoutMs, moveTimeoutMs } = run.deps.world.policy().execution;
  return run.inFlight.size === 0 && now - since >= (decision === 'block' ? stepTimeoutMs : moveTimeoutMs);
}

function predecessorFailure(predecessor: Move): MoveFailure {
  return {
    code: 'PLAN_DRIFTED',
    message: `move ${predecessor.id} of the same shard did not do its part, which this one builds on`,
  };
}

async function tell(run: PlanRun, move: Move, verdict: Verdict): Promise<void> {
  const now = run.deps.clock.now();
  if (!run.notices.isNews(verdict, now)) return;
  await run.log.emit([verdictEvent(run.log.plan(), move.id, verdict, now)]);
}

function* take<T>(items: Iterable<T>, most: number): Iterable<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === most) return;
    yield item;
  }
}
