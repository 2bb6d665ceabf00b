import type { BackpressureSample, LoadBatch, PeerSample } from '../domain/telemetry-sample.ts';

/**
 * Streams of samples. Each begins with the current state of everything it covers and goes on with what changes or is
 * measured anew; each ends or throws `ProblemError` when its connection does, and the caller subscribes again.
 */
export interface LoadSource {
  watch(namespace: string, signal: AbortSignal): AsyncIterable<LoadBatch>;
}

export interface PeerSource {
  watch(signal: AbortSignal): AsyncIterable<readonly PeerSample[]>;
}

export interface BackpressureSource {
  watch(signal: AbortSignal): AsyncIterable<readonly BackpressureSample[]>;
}
