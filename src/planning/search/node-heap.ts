/** Nodes by key, hottest first; ties go to the lower index, so that the order is the same on every machine. */
export interface NodeHeap {
  readonly size: number;
  /** The hottest node; -1 when empty. */
  peek(): number;
  keyOf(node: number): number;
  /** Inserts the node or gives it a new key; O(log nodes). */
  set(node: number, key: number): void;
  remove(node: number): void;
}

/** An indexed binary heap over nodes 0 .. nodeCount - 1. */
export function createNodeHeap(nodeCount: number): NodeHeap {
  const heap = new Int32Array(nodeCount);
  const place = new Int32Array(nodeCount).fill(-1);
  const keys = new Float64Array(nodeCount);
  let size = 0;

  const isHotter = (left: number, right: number): boolean =>
    keys[left] > keys[right] || (keys[left] === keys[right] && left < right);

  function put(node: number, at: number): void {
    heap[at] = node;
    place[node] = at;
  }

  function up(start: number): void {
    const node = heap[start];
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isHotter(node, heap[parent])) break;
      put(heap[parent], at);
      at = parent;
    }
    put(node, at);
  }

  function down(start: number): void {
    const node = heap[start];
    let at = start;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isHotter(heap[child + 1], heap[child])) child += 1;
      if (!isHotter(heap[child], node)) break;
      put(heap[child], at);
      at = child;
    }
    put(node, at);
  }

  return {
    get size() {
      return size;
    },
    peek: () => (size > 0 ? heap[0] : -1),
    keyOf: (node) => keys[node],
    set(node, key) {
      keys[node] = key;
      if (place[node] < 0) {
        put(node, size);
        size += 1;
      }
      up(place[node]);
      down(place[node]);
    },
    remove(node) {
      const at = place[node];
      if (at < 0) return;
      size -= 1;
      place[node] = -1;
      if (at === size) return;
      put(heap[size], at);
      up(at);
      down(place[heap[at]]);
    },
  };
}
