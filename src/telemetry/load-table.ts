import type { DimensionPolicy, Policy, SmoothingPolicy } from '../domain/policy.ts';
import { defaultDimensionPolicy } from '../domain/policy-dimensions.ts';
import type { LoadBatch } from '../domain/telemetry-sample.ts';
import type { SampleCounters } from './counters.ts';
import { acceptance, createLoadColumn, type LoadColumn } from './load-column.ts';
import { isAmount, isSoundLoadBatch } from './sample-checks.ts';
import type { ShardTable } from './shard-table.ts';

/** The loads of all replicas: one column per dimension that a source ever reported. */
export interface LoadTable {
  configure(dimensions: readonly DimensionPolicy[]): void;
  /** Takes the batch's sound rows; answers whether any was. */
  accept(batch: LoadBatch, policy: Policy, now: number, counters: SampleCounters): boolean;
  /** Sorted by name. */
  columns(): readonly LoadColumn[];
}

/** Dimensions held: each costs about 90 bytes per replica while it is averaged. */
export const maxDimensions = 16;

export function createLoadTable(shards: ShardTable): LoadTable {
  const columns = new Map<string, LoadColumn>();
  let sorted: readonly LoadColumn[] = [];
  let smoothing: ReadonlyMap<string, SmoothingPolicy> = new Map();

  /** A dimension that the policy does not name is smoothed as it would be by default. */
  function smoothingOf(name: string): SmoothingPolicy {
    return smoothing.get(name) ?? defaultDimensionPolicy(name).smoothing;
  }

  function columnOf(name: string, unit: string): LoadColumn | undefined {
    const known = columns.get(name);
    if (known || columns.size >= maxDimensions) return known;
    const column = createLoadColumn(name, unit);
    column.configure(smoothingOf(name));
    shards.addColumn(column);
    columns.set(name, column);
    sorted = [...columns.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
    return column;
  }

  return {
    configure(dimensions) {
      smoothing = new Map(dimensions.map((dimension) => [dimension.name, dimension.smoothing]));
      for (const column of columns.values()) column.configure(smoothingOf(column.name));
    },
    accept(batch, policy, now, counters) {
      const { maxSkewMs, maxAgeMs } = policy.telemetry;
      if (!isSoundLoadBatch(batch)) {
        counters.invalid += Math.max(1, batch.shards.length);
        return false;
      }
      if (batch.observedAt > now + maxSkewMs) {
        counters.skewed += batch.shards.length;
        return false;
      }
      const targets = batch.dimensions.map((dimension) => columnOf(dimension.name, dimension.unit));
      if (targets.includes(undefined)) {
        counters.overLimit += batch.shards.length;
        return false;
      }
      const before = counters.accepted;
      acceptRows(shards, batch, targets as readonly LoadColumn[], counters);
      if (batch.observedAt < now - maxAgeMs) counters.stale += counters.accepted - before;
      return counters.accepted > before;
    },
    columns: () => sorted,
  };
}

function acceptRows(
  shards: ShardTable,
  batch: LoadBatch,
  columns: readonly LoadColumn[],
  counters: SampleCounters,
): void {
  const { loads, observedAt } = batch;
  const width = columns.length;
  for (let i = 0; i < batch.shards.length; i++) {
    const slot = shards.slotOf(batch.shards[i]);
    const row = slot === undefined ? -1 : shards.rowOf(slot, batch.replicas[i]);
    if (row < 0) {
      counters.unknownTarget++;
      continue;
    }
    // Measured under the leader of before: it says nothing about the replicas' work of now.
    if (slot !== undefined && observedAt <= shards.leadershipPassedAt(slot)) {
      counters.late++;
      continue;
    }
    const start = i * width;
    let sound = width > 0;
    for (let d = 0; d < width; d++) sound = sound && isAmount(loads[start + d]);
    if (!sound) {
      counters.invalid++;
      continue;
    }
    let best: number = acceptance.late;
    for (let d = 0; d < width; d++) {
      best = Math.min(best, columns[d].accept(row, loads[start + d], observedAt));
    }
    if (best === acceptance.accepted) counters.accepted++;
    else if (best === acceptance.outOfOrder) counters.outOfOrder++;
    else if (best === acceptance.duplicate) counters.duplicate++;
    else counters.late++;
  }
}
