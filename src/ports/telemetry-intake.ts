import type { Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { BackpressureSample, LoadBatch, PeerSample, ReplicaSet } from '../domain/telemetry-sample.ts';

/** What can be pushed; the same words as the sources of telemetry. */
export const pushKinds = ['shards', 'loads', 'peers', 'backpressure'] as const;
export type PushKind = (typeof pushKinds)[number];

/** Who sends a batch and which one it is; numbered per principal, source, kind and namespace. */
export interface BatchOrigin {
  /** Id of the principal, so that agents of different principals do not stand in each other's way. */
  readonly principal: string;
  readonly source: string;
  /** Rises with every restart of the source. */
  readonly incarnation: number;
  /** 1, 2, 3, ... within the incarnation. */
  readonly sequence: number;
}

/** The batch is one of those with which the source tells a whole namespace. */
export interface ListingPart {
  readonly firstSequence: number;
  /** 0 while that is not known. */
  readonly lastSequence: number;
}

export type PushedSamples =
  | {
      readonly kind: 'shards';
      readonly namespace: string;
      readonly shards: readonly ReplicaSet[];
      /** As they were last known. */
      readonly removed: readonly ReplicaSet[];
      readonly listing?: ListingPart;
    }
  | { readonly kind: 'loads'; readonly namespace: string; readonly loads: LoadBatch }
  | { readonly kind: 'peers'; readonly peers: readonly PeerSample[] }
  | { readonly kind: 'backpressure'; readonly queues: readonly BackpressureSample[] };

export interface PushedBatch {
  readonly origin: BatchOrigin;
  readonly samples: PushedSamples;
  /** Samples that could not be read and are not among them. */
  readonly unreadable: number;
}

/** What became of samples: shards, rows of loads, peers, queues. */
export interface PushCounts {
  readonly accepted: number;
  /** Of batches that were taken before. */
  readonly duplicate: number;
  /** Taken although their batch was overtaken; in `accepted` as well. */
  readonly outOfOrder: number;
  /** Of batches that were overtaken by too many to know whether they were taken before. */
  readonly late: number;
  readonly invalid: number;
  readonly foreign: number;
  /** From later than now; in `accepted` as well. */
  readonly skewed: number;
  readonly overLimit: number;
}

/** How far a source has come. */
export interface PushProgress {
  /** The greatest sequence that was taken; 0 when none was. */
  readonly lastAcceptedSequence: number;
  /** Batches below it that have not come. */
  readonly missingBatches: number;
  /** How long to wait before more is sent, 0 for not at all. */
  readonly waitMs: number;
  /** Nothing is shown of a namespace's shards before a listing is whole, and none was since the start. */
  readonly wantsListing: boolean;
}

export interface PushReceipt extends PushProgress {
  readonly counts: PushCounts;
}

/** The batch was not taken; `waitMs` is 0 where waiting does not help. */
export interface PushRefusal extends PushProgress {
  readonly problem: Problem;
}

/** Where telemetry that agents push goes in. */
export interface TelemetryIntake {
  /**
   * Takes the batch: when it resolves with a receipt, everything counted as accepted will reach every reader. Waits a
   * while for room. Problems: TELEMETRY_NOT_PUSHED, NAMESPACE_NOT_FOUND, TELEMETRY_OVERLOADED, TELEMETRY_SOURCE_REPLACED.
   */
  push(batch: PushedBatch, signal: AbortSignal): Promise<Result<PushReceipt, PushRefusal>>;
  /** Samples by what became of them, since the start. */
  totals(): Readonly<Record<PushKind, PushCounts>>;
}

export const noCounts: PushCounts = {
  accepted: 0,
  duplicate: 0,
  outOfOrder: 0,
  late: 0,
  invalid: 0,
  foreign: 0,
  skewed: 0,
  overLimit: 0,
};

export function addCounts(left: PushCounts, right: PushCounts): PushCounts {
  return {
    accepted: left.accepted + right.accepted,
    duplicate: left.duplicate + right.duplicate,
    outOfOrder: left.outOfOrder + right.outOfOrder,
    late: left.late + right.late,
    invalid: left.invalid + right.invalid,
    foreign: left.foreign + right.foreign,
    skewed: left.skewed + right.skewed,
    overLimit: left.overLimit + right.overLimit,
  };
}
