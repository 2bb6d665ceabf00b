/**
 * Numbers shards with slots and knows their order by id. Sorting a million ids takes about a second, so the order is
 * kept between snapshots and what came and went since is merged into it.
 */
export interface ShardOrder {
  /** A slot for a shard that has none. */
  add(shard: string): number;
  /** The slot may belong to another shard once the order was asked for again. */
  remove(slot: number): void;
  /** Slots sorted by the code units of their shards' ids, and those ids; frozen until a shard comes or goes. */
  sorted(): { readonly slots: Int32Array; readonly ids: readonly string[] };
}

export function createShardOrder(): ShardOrder {
  let slots = new Int32Array(0);
  let ids: readonly string[] = [];
  let free: number[] = [];
  let slotEnd = 0;
  // Since the last sorting.
  const added = new Map<number, string>();
  const removed = new Set<number>();

  function merge(): void {
    const arrivals = [...added].map(([slot, id]) => ({ slot, id }));
    if (!arrivals.every((each, index) => index === 0 || (arrivals[index - 1]?.id ?? '') < each.id)) {
      arrivals.sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0));
    }
    const mergedSlots = new Int32Array(ids.length - removed.size + arrivals.length);
    const mergedIds: string[] = [];
    let next = 0;
    for (const [index, id] of ids.entries()) {
      const slot = slots[index];
      if (removed.has(slot)) continue;
      for (let arrival = arrivals[next]; arrival && arrival.id < id; arrival = arrivals[next]) {
        mergedSlots[mergedIds.length] = arrival.slot;
        mergedIds.push(arrival.id);
        next++;
      }
      mergedSlots[mergedIds.length] = slot;
      mergedIds.push(id);
    }
    for (let arrival = arrivals[next]; arrival; arrival = arrivals[++next]) {
      mergedSlots[mergedIds.length] = arrival.slot;
      mergedIds.push(arrival.id);
    }
    slots = mergedSlots;
    ids = mergedIds;
    free = free.concat([...removed]);
    added.clear();
    removed.clear();
  }

  return {
    add(shard) {
      const slot = free.pop() ?? slotEnd++;
      added.set(slot, shard);
      return slot;
    },
    remove(slot) {
      // One that was never in the order leaves no trace in it; its slot is free at once.
      if (added.delete(slot)) free.push(slot);
      else removed.add(slot);
    },
    sorted() {
      if (added.size > 0 || removed.size > 0) merge();
      return { slots, ids };
    },
  };
}
