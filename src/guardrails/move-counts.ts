/** How many moves are in flight, in all and per node and zone of a namespace. */
export interface MoveCounts {
  total(): number;
  intoNode(node: number): number;
  outOfNode(node: number): number;
  /** Moves into, out of, or within the zone; a move within it counts once. */
  throughZone(zone: number): number;
  /** Counts a move in (`change` 1) or out (-1); a node that is not known (-1) counts in the total only. */
  add(source: number, destination: number, change: 1 | -1): void;
}

export function createMoveCounts(nodes: number, zoneOfNode: Int32Array, zones: number): MoveCounts {
  const into = new Int32Array(nodes);
  const outOf = new Int32Array(nodes);
  const through = new Int32Array(zones);
  let total = 0;
  const change = (numbers: Int32Array, at: number, by: number): void => {
    if (at >= 0) numbers[at] = (numbers[at] ?? 0) + by;
  };
  return {
    total: () => total,
    intoNode: (node) => into[node] ?? 0,
    outOfNode: (node) => outOf[node] ?? 0,
    throughZone: (zone) => through[zone] ?? 0,
    add(source, destination, by) {
      total += by;
      change(outOf, source, by);
      change(into, destination, by);
      const from = zoneOfNode[source] ?? -1;
      const to = zoneOfNode[destination] ?? -1;
      change(through, from, by);
      if (to !== from) change(through, to, by);
    },
  };
}
