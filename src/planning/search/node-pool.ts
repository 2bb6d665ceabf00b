/** Nodes of a window, the first `count` of both. */
export interface Found {
  readonly nodes: Int32Array;
  /** What the squares of the node's load would grow by, below the line too: the coldest where it matters. */
  readonly costs: Float64Array;
  count: number;
}

/** What a pool knows of nodes and replicas. */
export interface PoolFigures {
  /** nodes × width: the load now, the line up to which a node is filled, and the balance's price of squares. */
  readonly load: Float64Array;
  readonly goal: Float64Array;
  readonly perSquare: Float64Array;
  /** replicas × width. */
  readonly loads: Float64Array;
  readonly width: number;
}

/**
 * A set of nodes that can be cut into windows: insertion and removal in O(dimensions). What a look asks of a node lies
 * beside that of its neighbours in the window: a large fleet's nodes are all over memory, and a miss costs more than
 * the look.
 */
export interface NodePool {
  readonly size: number;
  insert(node: number): void;
  remove(node: number): void;
  /** The load of a member has changed. */
  update(node: number): void;
  /** Looks at the next members, at most so many, and adds to what is found; answers how many there were. */
  look(near: number, row: number, most: number, found: Found): number;
}

/** @param place where each node is among the members, -1 for nowhere; written by the pool, shared by pools without a node in common */
export function createNodePool(figures: PoolFigures, most: number, place: Int32Array): NodePool {
  const { load, goal, perSquare, loads, width } = figures;
  /** Per member and dimension load, line and price. */
  const stride = 3 * width;
  const members = new Int32Array(most);
  const rows = new Float64Array(most * stride);
  let size = 0;
  let cursor = 0;

  /** -1: no room. */
  function costAt(member: number, row: number): number {
    let cost = 0;
    let at = member * stride;
    for (let d = 0; d < width; d++, at += 3) {
      const amount = loads[row + d];
      const before = rows[at];
      const after = before + amount;
      if (after > rows[at + 1]) return -1;
      cost += rows[at + 2] * amount * (before + after);
    }
    return cost;
  }

  return {
    get size() {
      return size;
    },
    insert(node) {
      place[node] = size;
      members[size] = node;
      let at = size * stride;
      for (let d = 0, from = node * width; d < width; d++, from++) {
        rows[at++] = load[from];
        rows[at++] = goal[from];
        rows[at++] = perSquare[from];
      }
      size += 1;
    },
    remove(node) {
      size -= 1;
      const last = members[size];
      const hole = place[node];
      members[hole] = last;
      rows.copyWithin(hole * stride, size * stride, (size + 1) * stride);
      place[last] = hole;
      place[node] = -1;
    },
    update(node) {
      let at = place[node] * stride;
      for (let d = 0, from = node * width; d < width; d++, from++, at += 3) rows[at] = load[from];
    },
    look(near, row, wanted, found) {
      const { nodes, costs } = found;
      const taken = size < wanted ? size : wanted;
      let count = found.count;
      let at = cursor < size ? cursor : 0;
      for (let i = 0; i < taken; i++) {
        const cost = costAt(at, row);
        if (cost >= 0 && members[at] !== near) {
          nodes[count] = members[at];
          costs[count++] = cost;
        }
        at = at + 1 === size ? 0 : at + 1;
      }
      cursor = at;
      found.count = count;
      return taken;
    },
  };
}
