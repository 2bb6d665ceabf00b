import { type FleetState, isAlive, rowsOf } from './fleet-state.ts';
import type { FleetTime } from './fleet-time.ts';

/** Copies of replicas that run, sharing each node's rate. */
export interface FleetCopies {
  /** Begins to copy the replica to the node; the copy is complete when `bytesCopied` equals `bytesTotal`. */
  start(row: number, to: number): Copy;
  cancel(copy: Copy): void;
  /** Lets the copies go on until now. Called before anything that changes their rates. */
  refresh(): void;
  setStalled(stalled: boolean): void;
}

export interface Copy {
  readonly row: number;
  readonly to: number;
  readonly bytesTotal: number;
  readonly bytesCopied: number;
  /** Whether there is a healthy replica to read from. */
  readonly hasSource: boolean;
}

type RunningCopy = { -readonly [Field in keyof Copy]: Copy[Field] } & { from: number; rate: number };

export function createFleetCopies(state: FleetState, time: FleetTime): FleetCopies {
  const { shards, behaviour, nodes } = state.blueprint;
  const running = new Set<RunningCopy>();
  const copiesAt = new Int32Array(nodes.length);
  let copiedUntil = time.now();
  let stalled = false;

  /** The replica's own node, or, when it is dead, another healthy one of the shard; -1 when there is none. */
  function sourceOf(row: number): number {
    const own = state.replicaNodes[row] ?? -1;
    if (isAlive(state, own)) return own;
    const [first, end] = rowsOf(state, state.replicaShards[row] ?? 0);
    for (let other = first; other < end; other++) {
      const node = state.replicaNodes[other] ?? -1;
      if (isAlive(state, node)) return node;
    }
    return -1;
  }

  /** A node's rate is shared evenly by the copies it takes part in; the slower end decides. */
  function computeRates(): void {
    copiesAt.fill(0);
    for (const copy of running) {
      copy.from = sourceOf(copy.row);
      copy.hasSource = copy.from >= 0;
      if (copy.hasSource) copiesAt[copy.from] = (copiesAt[copy.from] ?? 0) + 1;
      copiesAt[copy.to] = (copiesAt[copy.to] ?? 0) + 1;
    }
    for (const copy of running) {
      const flows = copy.hasSource && isAlive(state, copy.to) && !stalled;
      copy.rate = flows ? Math.min(share(copy.from), share(copy.to)) : 0;
    }
  }

  function share(node: number): number {
    const bytesPerMs = behaviour.copyBytesPerSecond / 1_000;
    return (bytesPerMs * (state.copyFactors[node] ?? 1)) / Math.max(1, copiesAt[node] ?? 1);
  }

  /** From one end of a copy to the next, because each changes the rates of the others. */
  function refresh(): void {
    const now = time.now();
    while (running.size > 0 && copiedUntil < now) {
      computeRates();
      let step = now - copiedUntil;
      for (const copy of running) {
        if (copy.rate > 0) step = Math.min(step, (copy.bytesTotal - copy.bytesCopied) / copy.rate);
      }
      for (const copy of running) {
        const copied = copy.bytesCopied + copy.rate * step;
        // Half a byte is below what the rate's rounding can leave over.
        copy.bytesCopied = copy.bytesTotal - copied < 0.5 ? copy.bytesTotal : copied;
        if (copy.bytesCopied === copy.bytesTotal) running.delete(copy);
      }
      copiedUntil = Math.max(copiedUntil + step, copiedUntil + minStepMs);
    }
    copiedUntil = now;
    for (const copy of running) copy.hasSource = sourceOf(copy.row) >= 0;
  }

  return {
    start(row, to) {
      refresh();
      const bytesTotal = shards.replicaBytes[row] ?? 0;
      const from = sourceOf(row);
      const copy = { row, to, bytesTotal, bytesCopied: 0, hasSource: from >= 0, from, rate: 0 };
      if (bytesTotal > 0) running.add(copy);
      return copy;
    },
    cancel(copy) {
      refresh();
      running.delete(copy as RunningCopy);
    },
    refresh,
    setStalled(value) {
      refresh();
      stalled = value;
    },
  };
}

/** Time always goes on, whatever rounding does to a step at times of 13 digits. */
const minStepMs = 1e-3;
