/** How far nodes are filled and what that costs, told once for nodes that are alike: in most fleets there are few kinds. */
export interface FillLines {
  /** Kind per node. */
  readonly ofNode: Int32Array;
  /** Kinds × width × 2: the line up to which a node is filled, and the balance's price of squares. */
  readonly rows: Float64Array;
}

/** Kinds that a node is compared with, those told last; a node like none of them is of a new one. */
const mostCompared = 16;

/**
 * O(nodes × dimensions × kinds compared).
 *
 * @param goal nodes × width @param perSquare nodes × width
 */
export function tellFillLines(
  goal: Float64Array,
  perSquare: Float64Array,
  width: number,
  nodeCount: number,
): FillLines {
  const stride = 2 * width;
  const ofNode = new Int32Array(nodeCount);
  const rows = new Float64Array(goal.length * 2);
  let count = 0;

  function isOfKind(node: number, kind: number): boolean {
    for (let d = 0, from = node * width, at = kind * stride; d < width; d++, from++, at += 2) {
      if (rows[at] !== goal[from] || rows[at + 1] !== perSquare[from]) return false;
    }
    return true;
  }

  function kindOf(node: number): number {
    const oldest = Math.max(0, count - mostCompared);
    for (let kind = count - 1; kind >= oldest; kind--) if (isOfKind(node, kind)) return kind;
    for (let d = 0, from = node * width, at = count * stride; d < width; d++, from++) {
      rows[at++] = goal[from];
      rows[at++] = perSquare[from];
    }
    return count++;
  }

  for (let node = 0; node < nodeCount; node++) ofNode[node] = kindOf(node);
  return { ofNode, rows: rows.slice(0, count * stride) };
}
