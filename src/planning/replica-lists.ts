/** Which replicas each node holds, as doubly linked lists over dense indices; -1 ends a list. */
export interface ReplicaLists {
  /** First replica of each node's list. */
  readonly first: Int32Array;
  /** The next and the previous one of each replica. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** Puts a replica, which is in no list, at the beginning of a node's. */
  link(replica: number, node: number): void;
  /** Takes a replica out of the list of the node that it is on. */
  unlink(replica: number, node: number): void;
}

/** Lists of a placement, each beginning with its lowest replica. O(replicas). */
export function createReplicaLists(nodeCount: number, nodeOf: Int32Array): ReplicaLists {
  const first = new Int32Array(nodeCount).fill(-1);
  const next = new Int32Array(nodeOf.length);
  const previous = new Int32Array(nodeOf.length);
  for (let replica = nodeOf.length - 1; replica >= 0; replica--) {
    const node = nodeOf[replica];
    const head = first[node];
    next[replica] = head;
    previous[replica] = -1;
    if (head >= 0) previous[head] = replica;
    first[node] = replica;
  }
  return {
    first,
    next,
    previous,
    link(replica, node) {
      const head = first[node];
      next[replica] = head;
      previous[replica] = -1;
      if (head >= 0) previous[head] = replica;
      first[node] = replica;
    },
    unlink(replica, node) {
      const before = previous[replica];
      const after = next[replica];
      if (before >= 0) next[before] = after;
      else first[node] = after;
      if (after >= 0) previous[after] = before;
    },
  };
}
