import { signals } from '../domain/signals.ts';
import type { BackpressureSample } from '../domain/telemetry-sample.ts';
import { acceptance } from './load-column.ts';

/** The newest sample of every queue, by node. */
export interface QueueTable {
  /** @returns one of `acceptance`; undefined when the table is full. */
  accept(sample: BackpressureSample): number | undefined;
  /** Backlog signals of the node from its queues observed at or after `oldest`; empty when none was. */
  signalsOf(node: string, oldest: number): Readonly<Record<string, number>>;
  /** How many queues the node has, and how many of them were observed at or after `oldest`. */
  coverageOf(node: string, oldest: number): { readonly queues: number; readonly fresh: number };
  forget(node: string): void;
  /** Names of the nodes with a queue. */
  nodes(): Iterable<string>;
}

/** Queues held; a node of Hugo's has a handful. */
export const maxQueues = 1_048_576;

export function createQueueTable(): QueueTable {
  const queues = new Map<string, Map<string, BackpressureSample>>();
  let held = 0;

  return {
    accept(sample) {
      const ofNode = queues.get(sample.node);
      const known = ofNode?.get(sample.queue);
      if (known && sample.observedAt < known.observedAt) return acceptance.late;
      if (known && sample.observedAt === known.observedAt) {
        // Two samples of one time: the worse counts, whichever comes first.
        if (isWorse(sample, known)) ofNode?.set(sample.queue, sample);
        return acceptance.duplicate;
      }
      if (!known && held >= maxQueues) return undefined;
      if (!known) held++;
      if (ofNode) ofNode.set(sample.queue, sample);
      else queues.set(sample.node, new Map([[sample.queue, sample]]));
      return acceptance.accepted;
    },
    signalsOf(node, oldest): Readonly<Record<string, number>> {
      let fresh = 0;
      let pending = 0;
      let high = 0;
      let low = 0;
      let active = 0;
      for (const sample of queues.get(node)?.values() ?? []) {
        if (sample.observedAt < oldest) continue;
        fresh++;
        pending += sample.pendingCount;
        high += sample.highWatermark;
        low += sample.lowWatermark;
        if (sample.isActive) active = 1;
      }
      if (fresh === 0) return {};
      return {
        [signals.backlogPending]: pending,
        [signals.backlogHighWatermark]: high,
        [signals.backlogLowWatermark]: low,
        [signals.backpressureActive]: active,
      };
    },
    coverageOf(node, oldest) {
      let count = 0;
      let fresh = 0;
      for (const sample of queues.get(node)?.values() ?? []) {
        count++;
        if (sample.observedAt >= oldest) fresh++;
      }
      return { queues: count, fresh };
    },
    forget(node) {
      held -= queues.get(node)?.size ?? 0;
      queues.delete(node);
    },
    nodes: () => queues.keys(),
  };
}

function isWorse(left: BackpressureSample, right: BackpressureSample): boolean {
  if (left.isActive !== right.isActive) return left.isActive;
  if (left.pendingCount !== right.pendingCount) return left.pendingCount > right.pendingCount;
  if (left.highWatermark !== right.highWatermark) return left.highWatermark < right.highWatermark;
  return left.lowWatermark < right.lowWatermark;
}
