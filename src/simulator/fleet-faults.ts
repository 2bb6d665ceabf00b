import type { Random } from '../base/random.ts';
import type { MoveStep } from '../domain/move.ts';

/** How the network and the mover misbehave; shares from 0 to 1, times in the fleet's milliseconds. */
export interface FaultSettings {
  /** Calls that are carried out but whose answer is lost. */
  readonly dropAnswerShare: number;
  /** Calls that never arrive. */
  readonly dropRequestShare: number;
  /** Calls that arrive twice. */
  readonly duplicateShare: number;
  readonly delayShare: number;
  readonly delayMs: number;
  /** Whether copies make no progress. */
  readonly stallPrepares: boolean;
  /** Step that is refused, null for none, for this share of the move keys. */
  readonly refuseStep: Exclude<MoveStep, 'verify'> | null;
  readonly refuseShare: number;
  /** Whether the refusals say that a retry may succeed; each move key is then refused once only. */
  readonly refuseRetryable: boolean;
  /** Telemetry batches that are delivered twice, and that are delivered after the next one. */
  readonly repeatSampleShare: number;
  readonly lateSampleShare: number;
  /** Largest deviation of a node's clock from ours, either way. */
  readonly clockSkewMs: number;
}

export const noFaults: FaultSettings = {
  dropAnswerShare: 0,
  dropRequestShare: 0,
  duplicateShare: 0,
  delayShare: 0,
  delayMs: 0,
  stallPrepares: false,
  refuseStep: null,
  refuseShare: 0,
  refuseRetryable: false,
  repeatSampleShare: 0,
  lateSampleShare: 0,
  clockSkewMs: 0,
};

/** Decides, from a seed, which calls and samples the settings hit. */
export interface FleetFaults {
  settings(): FaultSettings;
  set(settings: FaultSettings): void;
  /** Whether something of that share happens this time. */
  hits(share: number): boolean;
  /** Whether the step of the move is refused now. */
  refuses(step: MoveStep, moveKey: string): boolean;
  /** Deviation of the node's clock in milliseconds, the same each time. */
  skewOf(node: string): number;
}

/** Move keys whose fate is remembered; beyond, the oldest are decided anew. */
const maxDecidedMoves = 100_000;

export function createFleetFaults(random: Random, initial: FaultSettings = noFaults): FleetFaults {
  let settings = initial;
  const doomed = new Map<string, { refused: boolean; times: number }>();

  return {
    settings: () => settings,
    set(next) {
      settings = next;
      doomed.clear();
    },
    hits: (share) => share > 0 && random.next() < share,
    refuses(step, moveKey) {
      if (step !== settings.refuseStep) return false;
      let fate = doomed.get(moveKey);
      if (!fate) {
        fate = { refused: random.next() < settings.refuseShare, times: 0 };
        doomed.set(moveKey, fate);
        const oldest = doomed.keys().next();
        if (doomed.size > maxDecidedMoves && !oldest.done) doomed.delete(oldest.value);
      }
      if (!fate.refused || (settings.refuseRetryable && fate.times > 0)) return false;
      fate.times++;
      return true;
    },
    skewOf(node) {
      if (settings.clockSkewMs === 0) return 0;
      return (random.fork(`skew/${node}`).next() * 2 - 1) * settings.clockSkewMs;
    },
  };
}
