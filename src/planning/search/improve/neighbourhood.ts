import type { SearchSpace } from './search-space.ts';
import type { Walk } from './walk.ts';

/** Nodes of a neighbourhood, the one that it is drawn for included, and replicas after which no further node is added. */
const leastNodes = 3;
const mostNodes = 8;
const enoughReplicas = 80;

/** Draws after which a neighbourhood is as large as it gets: most nodes may be ones that take nothing. */
const maxDraws = 32;

/** Draws neighbourhoods: a few nodes, and all their replicas that may move, as a space of their own. */
export interface Neighbourhoods {
  /** One around the node; null when there is nothing to rearrange. O(nodes in it × replicas on them). */
  around(node: number): SearchSpace | null;
}

/**
 * Half of the nodes come by chance, half are where a replica of the neighbourhood was at the beginning: going home costs no
 * move, and gives back what is held there.
 */
export function createNeighbourhoods({ engine, space, random }: Walk): Neighbourhoods {
  const { problem, first, next } = engine.state;
  const origins = problem.shards.replicaNodes;
  const isMovable = flags(problem.replicaCount, space.replicas);
  const takes = flags(problem.nodeCount, space.nodes);
  const replicas: number[] = [];
  const nodes: number[] = [];

  function add(node: number): void {
    nodes.push(node);
    for (let replica = first[node]; replica >= 0; replica = next[replica]) {
      if (isMovable[replica] === 1) replicas.push(replica);
    }
  }

  function drawNode(): number {
    if (replicas.length > 0 && random.next() < 0.5) return origins[replicas[random.integer(replicas.length)]];
    return space.nodes[random.integer(space.nodes.length)];
  }

  return {
    around(node) {
      nodes.length = 0;
      replicas.length = 0;
      add(node);
      const wanted = leastNodes + random.integer(mostNodes - leastNodes + 1);
      for (let draws = 0; draws < maxDraws && nodes.length < wanted; draws++) {
        if (replicas.length >= enoughReplicas) break;
        const other = drawNode();
        if (takes[other] === 1 && !nodes.includes(other)) add(other);
      }
      const taking = nodes.filter((each) => takes[each] === 1);
      if (replicas.length === 0 || taking.length === 0) return null;
      const { sizes } = space;
      const list = Int32Array.from(replicas);
      const bySize = list.slice().sort((left, right) => sizes[right] - sizes[left] || left - right);
      return { replicas: list, bySize, sizes, nodes: Int32Array.from(taking) };
    },
  };
}

function flags(count: number, members: Int32Array): Uint8Array {
  const isMember = new Uint8Array(count);
  for (const member of members) isMember[member] = 1;
  return isMember;
}
