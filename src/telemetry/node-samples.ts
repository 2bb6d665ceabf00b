import type { TelemetryPolicy } from '../domain/policy.ts';
import type { BackpressureSample, PeerSample } from '../domain/telemetry-sample.ts';
import type { SampleCounters } from './counters.ts';
import { acceptance } from './load-column.ts';
import type { NodeTable } from './node-table.ts';
import type { QueueTable } from './queue-table.ts';
import { isSoundPeer, isSoundQueue, soundSignals } from './sample-checks.ts';

/** Takes the sample when it is sound and newer than what is known of its node; answers whether it did. */
export function acceptPeer(
  nodes: NodeTable,
  sample: PeerSample,
  policy: TelemetryPolicy,
  now: number,
  counters: SampleCounters,
): boolean {
  if (!isSoundPeer(sample)) {
    counters.invalid++;
    return false;
  }
  if (sample.observedAt > now + policy.maxSkewMs) {
    counters.skewed++;
    return false;
  }
  const slot = nodes.intern(sample.node);
  if (slot < 0) {
    counters.overLimit++;
    return false;
  }
  const known = nodes.sample(slot);
  const order = known ? compareSamples(sample, known, policy.maxSkewMs) : 1;
  if (order < 0) counters.outOfOrder++;
  if (order === 0) counters.duplicate++;
  if (order <= 0) return false;
  const sound = soundSignals(sample.signals);
  counters.invalid += Object.keys(sample.signals).length - Object.keys(sound).length;
  nodes.setSample(slot, { ...sample, signals: sound });
  countAccepted(sample.observedAt, policy, now, counters);
  return true;
}

/** The same for a queue. */
export function acceptQueue(
  queues: QueueTable,
  sample: BackpressureSample,
  policy: TelemetryPolicy,
  now: number,
  counters: SampleCounters,
): boolean {
  if (!isSoundQueue(sample)) counters.invalid++;
  else if (sample.observedAt > now + policy.maxSkewMs) counters.skewed++;
  else {
    const outcome = queues.accept(sample);
    if (outcome === undefined) counters.overLimit++;
    else if (outcome === acceptance.duplicate) counters.duplicate++;
    else if (outcome === acceptance.late) counters.outOfOrder++;
    else {
      countAccepted(sample.observedAt, policy, now, counters);
      return true;
    }
  }
  return false;
}

/**
 * Positive when `left` is newer. The sequence decides, except when the observed times are further apart than clocks may
 * be: then the later one does, because a node that restarts counts from the beginning again.
 */
function compareSamples(left: PeerSample, right: PeerSample, maxSkewMs: number): number {
  const later = left.observedAt - right.observedAt;
  if (Math.abs(later) > maxSkewMs || left.sequence === right.sequence) return later;
  return left.sequence - right.sequence;
}

function countAccepted(
  observedAt: number,
  policy: TelemetryPolicy,
  now: number,
  counters: SampleCounters,
): void {
  counters.accepted++;
  if (observedAt < now - policy.maxAgeMs) counters.stale++;
}
