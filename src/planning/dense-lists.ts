/**
 * Doubly linked lists over dense items, each in at most one list: insertion at both ends and removal in O(1), nothing is
 * allocated afterwards. -1 ends a list.
 */
export interface DenseLists {
  /** First item per list, and the next one per item. */
  readonly first: Int32Array;
  readonly next: Int32Array;
  /** List per item; -1 for none. */
  readonly listOf: Int32Array;
  append(list: number, item: number): void;
  prepend(list: number, item: number): void;
  /** Takes an item out of its list; nothing happens when it is in none. */
  remove(item: number): void;
}

export function createDenseLists(listCount: number, itemCount: number): DenseLists {
  const first = new Int32Array(listCount).fill(-1);
  const last = new Int32Array(listCount).fill(-1);
  const next = new Int32Array(itemCount).fill(-1);
  const previous = new Int32Array(itemCount).fill(-1);
  const listOf = new Int32Array(itemCount).fill(-1);
  return {
    first,
    next,
    listOf,
    append(list, item) {
      const tail = last[list];
      listOf[item] = list;
      next[item] = -1;
      previous[item] = tail;
      if (tail >= 0) next[tail] = item;
      else first[list] = item;
      last[list] = item;
    },
    prepend(list, item) {
      const head = first[list];
      listOf[item] = list;
      previous[item] = -1;
      next[item] = head;
      if (head >= 0) previous[head] = item;
      else last[list] = item;
      first[list] = item;
    },
    remove(item) {
      const list = listOf[item];
      if (list < 0) return;
      const before = previous[item];
      const after = next[item];
      if (before >= 0) next[before] = after;
      else first[list] = after;
      if (after >= 0) previous[after] = before;
      else last[list] = before;
      listOf[item] = -1;
    },
  };
}
