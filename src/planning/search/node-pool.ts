import type { FillLines } from './fill-lines.ts';

/** Nodes of a window, the first `count` of both. */
export interface Found {
  readonly nodes: Int32Array;
  /** What the squares of the node's load would grow by, below the line too: the coldest where it matters. */
  readonly costs: Float64Array;
  count: number;
}

/** What a pool knows of nodes and replicas. */
export interface PoolFigures {
  /** nodes × width: the load now. */
  readonly load: Float64Array;
  readonly lines: FillLines;
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
  /** Whether a member has so much room below its line, per dimension. */
  hasRoom(node: number, least: Float64Array): boolean;
  /** Looks at the next members, at most so many, and adds to what is found; answers how many there were. */
  look(near: number, row: number, most: number, found: Found): number;
}

/** @param place where each node is among the members, -1 for nowhere; written by the pool, shared by pools without a node in common */
export function createNodePool(figures: PoolFigures, most: number, place: Int32Array): NodePool {
  const { load, loads, width } = figures;
  const { ofNode, rows: lines } = figures.lines;
  const members = new Int32Array(most);
  /** Where the member's kind begins in `lines`, and the member's load. */
  const kinds = new Int32Array(most);
  const rows = new Float64Array(most * width);
  let size = 0;
  let cursor = 0;

  /** -1: no room. */
  function costAt(member: number, row: number): number {
    let cost = 0;
    let line = kinds[member];
    const at = member * width;
    for (let d = 0; d < width; d++, line += 2) {
      const amount = loads[row + d];
      const before = rows[at + d];
      const after = before + amount;
      if (after > lines[line]) return -1;
      cost += lines[line + 1] * amount * (before + after);
    }
    return cost;
  }

  function write(member: number, node: number): void {
    for (let d = 0, from = node * width, at = member * width; d < width; d++) rows[at++] = load[from++];
  }

  return {
    get size() {
      return size;
    },
    insert(node) {
      place[node] = size;
      members[size] = node;
      kinds[size] = ofNode[node] * 2 * width;
      write(size, node);
      size += 1;
    },
    remove(node) {
      size -= 1;
      const last = members[size];
      const hole = place[node];
      members[hole] = last;
      kinds[hole] = kinds[size];
      rows.copyWithin(hole * width, size * width, (size + 1) * width);
      place[last] = hole;
      place[node] = -1;
    },
    update: (node) => write(place[node], node),
    hasRoom(node, least) {
      const member = place[node];
      let line = kinds[member];
      for (let d = 0, at = member * width; d < width; d++, at++, line += 2) {
        if (lines[line] - rows[at] < least[d]) return false;
      }
      return true;
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
