import type { SnapshotQuality, SourceQuality } from '../domain/snapshot.ts';
import type { TelemetrySource } from './counters.ts';
import type { SourceState } from './source-state.ts';

export interface Coverage {
  readonly expected: number;
  readonly covered: number;
}

export interface QualityInput extends Readonly<Record<TelemetrySource, Coverage>> {
  readonly now: number;
  /** Samples observed before this are stale, milliseconds since the epoch. */
  readonly oldest: number;
  readonly sources: readonly SourceState[];
}

/**
 * How fresh and how complete. The completeness is that of the worst source, because a plan needs all of them; the
 * staleness is the age of the source that is furthest behind, and the time since the epoch when one never delivered.
 */
export function measureQuality(input: QualityInput): SnapshotQuality {
  const sources = input.sources.map((state) => qualityOf(state, input));
  return {
    completeness: sources.reduce((least, each) => Math.min(least, each.coverage), 1),
    stalenessMs: sources.reduce((most, each) => Math.max(most, input.now - each.newestAt), 0),
    sources,
  };
}

function qualityOf(state: SourceState, input: QualityInput): SourceQuality {
  const { source } = state;
  const { expected, covered } = input[source];
  const share = expected === 0 ? 1 : covered / expected;
  if (source === 'loads' || source === 'peers' || expected > 0) {
    const isCurrent = source === 'shards' && state.connected && state.newestAt > 0;
    const newestAt = isCurrent ? input.now : state.newestAt;
    const isFresh = newestAt > 0 && (source !== 'shards' || newestAt >= input.oldest);
    return { source, newestAt, coverage: isFresh ? share : 0 };
  }
  // A fleet without a queue has no backpressure to report: being connected, or having been, is all there is.
  const newestAt = state.connected ? input.now : state.newestAt;
  return { source, newestAt, coverage: newestAt >= input.oldest ? 1 : 0 };
}
