/** A node to place on, with its relative share; a weight of 0 counts as 1. */
export interface WeightedNode {
  readonly id: string;
  readonly weight: number;
}

/**
 * Weighted rendezvous hashing (Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005): each node
 * scores -weight / ln(hash of shard and node), the best one owns the shard. Adding a node moves only what it gets.
 */
export function placeByRendezvous(shard: string, nodes: readonly WeightedNode[]): WeightedNode | undefined {
  let best: WeightedNode | undefined;
  let bestScore = -1;
  for (const node of nodes) {
    const score = -(node.weight || 1) / Math.log(unitHash(`${shard}\n${node.id}`));
    if (score > bestScore) {
      best = node;
      bestScore = score;
    }
  }
  return best;
}

/** FNV-1a with murmur3's avalanche, in (0, 1). */
function unitHash(text: string): number {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 4_294_967_296;
}
