import type { Move } from '../domain/move.ts';
import type { Verdict } from '../domain/verdict.ts';
import { judgeMove } from '../guardrails/judge-move.ts';
import type { PlanRun } from './plan-run.ts';
import { decideStart, type StartDecision } from './start-decision.ts';

/** The guardrails' answer for one move, now. */
export function judgeStart(run: PlanRun, move: Move): StartDecision {
  const { world, clock, clusterGate } = run.deps;
  const view = run.views.view();
  if (!view) return { kind: 'wait', verdict: noSnapshot(), wholePlan: true };
  const verdicts = judgeMove(
    {
      now: clock.now(),
      view,
      policy: world.policy(),
      clusterPolicy: world.clusterPolicy(),
      clusterMovesInFlight: clusterGate.inFlight(),
      incidents: world.incidents(),
      overrides: run.log.plan().overrides,
      moveTraces: world.moveTraces(),
      planId: run.log.plan().id,
      kind: run.log.plan().kind,
    },
    move,
  );
  return decideStart(verdicts, move.destination, world.snapshot());
}

function noSnapshot(): Verdict {
  return {
    code: 'GUARDRAIL_TELEMETRY_INCOMPLETE',
    decision: 'throttle',
    subject: 'plan',
    observed: 'no snapshot',
    limit: 'a snapshot',
    message: 'No snapshot was taken since the service started, so that no move can be judged.',
    remedy: 'Wait for telemetry, or restore its sources.',
  };
}
