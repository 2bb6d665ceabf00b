import type { Random } from '../../src/base/random.ts';
import { createWeightedChoice } from './weighted-choice.ts';

/**
 * Places replicas at random by the weights of nodes, the copies of a shard in distinct domains: a domain is chosen by
 * its weight, again until it is one that the shard does not use yet, and a node in it.
 *
 * @param domainOf domain per node, dense
 * @param weights per node; domains whose nodes all have weight 0 stay empty
 * @returns node per replica
 */
export function placeReplicas(
  replicaOffsets: Int32Array,
  domainOf: Int32Array,
  weights: Float64Array,
  random: Random,
): Int32Array {
  const members = [...Map.groupBy(domainOf.keys(), (node) => domainOf[node]).values()]
    .map((nodes) => ({ nodes, weights: Float64Array.from(nodes, (node) => weights[node]) }))
    .map((domain) => ({ ...domain, weight: domain.weights.reduce((sum, weight) => sum + weight, 0) }))
    .filter((domain) => domain.weight > 0);
  const chooseDomain = createWeightedChoice(Float64Array.from(members, (domain) => domain.weight));
  const chooseNode = members.map((domain) => createWeightedChoice(domain.weights));
  const shards = replicaOffsets.length - 1;
  const placed = new Int32Array(replicaOffsets[shards]);
  /** The shard that used a domain last. */
  const usedBy = new Int32Array(members.length).fill(-1);
  for (let s = 0; s < shards; s++) {
    const copies = replicaOffsets[s + 1] - replicaOffsets[s];
    if (copies > members.length) throw new Error(`${copies} copies need ${copies} domains`);
    for (let r = replicaOffsets[s]; r < replicaOffsets[s + 1]; r++) {
      let domain = chooseDomain(random);
      while (usedBy[domain] === s) domain = chooseDomain(random);
      usedBy[domain] = s;
      placed[r] = members[domain].nodes[chooseNode[domain](random)];
    }
  }
  return placed;
}
