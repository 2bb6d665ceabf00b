import type { Problem } from '../domain/problem.ts';
import type { MoverAnswer, MoverCall, ShardMover } from '../ports/shard-mover.ts';
import type { FleetFaults } from './fleet-faults.ts';
import { refused } from './move-refusals.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

type Step = 'prepare' | 'drain' | 'transfer' | 'release' | 'abort';

/** The fleet's mover behind a network that loses, repeats and delays as the faults say. */
export function createFleetMover(fleet: SimulatedFleet, faults: FleetFaults): ShardMover {
  const { statistics, time } = fleet;

  async function delayed(signal: AbortSignal): Promise<boolean> {
    const { delayShare, delayMs } = faults.settings();
    if (!faults.hits(delayShare)) return !signal.aborted;
    statistics.answer('delayed');
    await time.clock.sleep(delayMs / time.timeScale, signal);
    return !signal.aborted;
  }

  function carryOut(step: Step, call: MoverCall): MoverAnswer {
    fleet.refresh();
    if (step !== 'abort' && faults.refuses(step, call.moveKey)) {
      const message = `the fleet was told to refuse ${step} of move ${call.moveKey}`;
      return refused(message, `move/${call.moveKey}`, faults.settings().refuseRetryable);
    }
    return fleet.moves[step](call);
  }

  async function run(step: Step, call: MoverCall, signal: AbortSignal): Promise<MoverAnswer> {
    const settings = faults.settings();
    fleet.copies.setStalled(settings.stallPrepares);
    if (signal.aborted) return unreachable(step, 'was given up before it was sent');
    if (faults.hits(settings.dropRequestShare)) {
      statistics.answer('droppedRequest');
      return unreachable(step, 'did not arrive');
    }
    let answer = carryOut(step, call);
    if (faults.hits(settings.duplicateShare)) {
      statistics.answer('duplicated');
      answer = carryOut(step, call);
    }
    statistics.answer(answer.kind === 'refused' ? answer.problem.code : answer.kind);
    if (!(await delayed(signal))) return unreachable(step, 'was given up before its answer came');
    if (faults.hits(settings.dropAnswerShare)) {
      statistics.answer('droppedAnswer');
      return unreachable(step, 'was carried out, but its answer was lost');
    }
    return answer;
  }

  return {
    prepare: (call, signal) => run('prepare', call, signal),
    drain: (call, signal) => run('drain', call, signal),
    transfer: (call, signal) => run('transfer', call, signal),
    release: (call, signal) => run('release', call, signal),
    abort: (call, signal) => run('abort', call, signal),
    async status(call, signal) {
      if (signal.aborted || faults.hits(faults.settings().dropRequestShare)) {
        return unreachable('status', 'did not arrive');
      }
      fleet.refresh();
      return fleet.moves.status(call);
    },
  };
}

function unreachable(step: string, what: string): { kind: 'unreachable'; problem: Problem } {
  return {
    kind: 'unreachable',
    problem: { code: 'FLEET_UNREACHABLE', message: `the call of ${step} ${what}` },
  };
}
