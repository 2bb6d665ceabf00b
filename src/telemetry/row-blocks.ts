/** Hands out blocks of consecutive rows and takes them back for blocks of the same size. */
export interface RowBlocks {
  /** First row of a block of `size` rows; `size` at least 1. */
  take(size: number): number;
  give(start: number, size: number): void;
  /** One past the last row that was ever handed out. */
  end(): number;
}

export function createRowBlocks(): RowBlocks {
  // Replica sets have few sizes, so that a block given back is soon taken again and the rows stay bounded by the
  // largest number of replicas per size that there ever was.
  const free = new Map<number, number[]>();
  let end = 0;
  return {
    take(size) {
      const start = free.get(size)?.pop();
      if (start !== undefined) return start;
      end += size;
      return end - size;
    },
    give(start, size) {
      const starts = free.get(size);
      if (starts) starts.push(start);
      else free.set(size, [start]);
    },
    end: () => end,
  };
}
