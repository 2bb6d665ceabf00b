import type { Clock } from '../../base/clock.ts';
import type { BackpressureSample, LoadBatch, PeerSample } from '../../domain/telemetry-sample.ts';
import { noCounts, type PushCounts } from '../../ports/telemetry-intake.ts';
import { maxNodes } from '../../telemetry/node-table.ts';
import { maxQueues } from '../../telemetry/queue-table.ts';
import { isAmount, isSoundLoadBatch, isSoundPeer, isSoundQueue } from '../../telemetry/sample-checks.ts';
import { createLatestSamples, type LatestOptions } from './latest-samples.ts';
import { createPushQueue } from './push-queue.ts';
import { silenceError } from './silence.ts';
import { isSkewed } from './skew.ts';

/** Between the agents that push samples of a kind and the streams that ingest reads. */
export interface SampleIntake<T> {
  /**
   * Waits for room. When there is some, and `isNew` then says so, the samples go in.
   *
   * @returns undefined when there was no room in time
   */
  take(samples: T, isNew: () => boolean, signal: AbortSignal): Promise<PushCounts | undefined>;
  /** Throws FLEET_UNREACHABLE when nothing was pushed for too long. */
  read(signal: AbortSignal): AsyncIterable<T>;
  /** How full it is, from 0 to 1. */
  fill(): number;
}

/** Samples that wait to be read, per namespace for loads: some tens of megabytes, and a second or two of a busy fleet. */
export const maxQueuedSamples = 500_000;
/** As long as sources that are fetched may be silent. */
const loadSilenceMs = 120_000;
const silenceMs = 60_000;

/** Loads of one namespace. They are held until ingest reads them, which it does when shards are known. */
export function createLoadIntake(namespace: string, clock: Clock): SampleIntake<LoadBatch> {
  const queue = createPushQueue<LoadBatch>({ clock, maxSamples: maxQueuedSamples, holdsUnread: true });
  return {
    async take(batch, isNew, signal) {
      let counts = noCounts;
      const make = (): LoadBatch | undefined => {
        if (!isNew()) return undefined;
        counts = countRows(batch, clock);
        return counts.accepted > 0 || batch.shards.length === 0 ? batch : undefined;
      };
      return (await queue.offer(sizeOf(batch.shards), make, signal)) ? counts : undefined;
    },
    read(signal) {
      const silent = (): Error => silenceError(`loads of ${namespace}`, loadSilenceMs);
      return queue.read({ signal, silenceMs: loadSilenceMs, silent });
    },
    fill: queue.fill,
  };
}

/** An empty batch takes room as well, or there could be any number of them. */
function sizeOf(samples: readonly unknown[]): number {
  return Math.max(1, samples.length);
}

/** Rows that are broken stay in the batch: ingest leaves them out one by one. */
function countRows(batch: LoadBatch, clock: Clock): PushCounts {
  const rows = batch.shards.length;
  const width = batch.dimensions.length;
  if (width === 0 || !isSoundLoadBatch(batch)) return { ...noCounts, invalid: rows };
  let invalid = 0;
  for (let row = 0; row < rows; row++) {
    let isSound = true;
    for (let at = row * width; at < (row + 1) * width; at++) isSound = isSound && isAmount(batch.loads[at]);
    if (!isSound) invalid++;
  }
  const accepted = rows - invalid;
  return { ...noCounts, accepted, invalid, skewed: isSkewed(batch.observedAt, clock) ? accepted : 0 };
}

export function createPeerIntake(clock: Clock): SampleIntake<readonly PeerSample[]> {
  const latest = { clock, limit: maxNodes, keyOf: (sample: PeerSample) => sample.node };
  return createListIntake('peers', latest, isSoundPeer);
}

export function createQueueIntake(clock: Clock): SampleIntake<readonly BackpressureSample[]> {
  const keyOf = (sample: BackpressureSample): string => JSON.stringify([sample.node, sample.queue]);
  return createListIntake('backpressure', { clock, limit: maxQueues, keyOf }, isSoundQueue);
}

/** Samples of the whole cluster: every namespace reads them all, and begins with the newest of each. */
function createListIntake<T extends { readonly observedAt: number }>(
  what: string,
  options: Omit<LatestOptions<T>, 'observedAtOf'>,
  isSound: (sample: T) => boolean,
): SampleIntake<readonly T[]> {
  const { clock } = options;
  const queue = createPushQueue<readonly T[]>({ clock, maxSamples: maxQueuedSamples, holdsUnread: false });
  const latest = createLatestSamples<T>({ ...options, observedAtOf: (sample) => sample.observedAt });

  function sift(samples: readonly T[]): { readonly sound: readonly T[]; readonly counts: PushCounts } {
    const counts = { ...noCounts };
    const sound = samples.filter((sample) => {
      if (!isSound(sample)) counts.invalid++;
      else if (isSkewed(sample.observedAt, clock)) {
        // Passed on, since policies decide; not kept, or it would hide what comes after it.
        counts.skewed++;
        counts.accepted++;
        return true;
      } else if (latest.put(sample)) {
        counts.accepted++;
        return true;
      } else counts.overLimit++;
      return false;
    });
    return { sound, counts };
  }

  return {
    async take(samples, isNew, signal) {
      let counts = noCounts;
      const make = (): readonly T[] | undefined => {
        if (!isNew()) return undefined;
        const sifted = sift(samples);
        counts = sifted.counts;
        return sifted.sound.length > 0 || samples.length === 0 ? sifted.sound : undefined;
      };
      return (await queue.offer(sizeOf(samples), make, signal)) ? counts : undefined;
    },
    read(signal) {
      const silent = (): Error => silenceError(what, silenceMs);
      return queue.read({ signal, silenceMs, silent, begin: latest.recent });
    },
    fill: queue.fill,
  };
}
