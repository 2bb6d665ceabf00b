import { domainOf, mustBeVacated, type Node, type TopologyLevel, takesReplicas } from '../domain/node.ts';
import type { ProblemDimension } from './problem-dimensions.ts';

/** Nodes as columns: `nodes × dimensions`, row per node, in the dimension's unit. */
export interface NodeColumns {
  readonly capacity: Float64Array;
  /** Capacity × weight × (1 - derate × distress): what balance is measured against. */
  readonly effective: Float64Array;
  /** Load above which the node is over target; infinite where the dimension has no capacity of its own. */
  readonly target: Float64Array;
  /** Load that placement never exceeds. */
  readonly hardLimit: Float64Array;
  /** 1 where the node may receive replicas. */
  readonly takes: Uint8Array;
  /** 1 where every replica must leave. */
  readonly vacate: Uint8Array;
  /** 1 where the node neither gives nor takes for now. */
  readonly frozen: Uint8Array;
  readonly domains: Readonly<Record<Exclude<TopologyLevel, 'node'>, DomainColumn>>;
}

/** The domain of each node at one level, dense. */
export interface DomainColumn {
  readonly names: readonly string[];
  readonly ofNode: Int32Array;
}

export interface NodeColumnsInput {
  readonly nodes: readonly Node[];
  readonly dimensions: readonly ProblemDimension[];
  readonly distress: Float64Array;
  /** Share of effective capacity lost at distress 1. */
  readonly maxDerate: number;
  readonly frozenNodes: Int32Array;
  /** Mean number of replicas per node that takes any, and the policy's limit (0 for none). */
  readonly meanReplicas: number;
  readonly maxReplicasPerNode: number;
}

/** Builds the columns; pure. */
export function buildNodeColumns(input: NodeColumnsInput): NodeColumns {
  const { nodes, dimensions } = input;
  const width = dimensions.length;
  const capacity = new Float64Array(nodes.length * width);
  const effective = new Float64Array(nodes.length * width);
  const target = new Float64Array(nodes.length * width);
  const hardLimit = new Float64Array(nodes.length * width);
  for (let n = 0; n < nodes.length; n++) {
    const node = nodes[n];
    const distress = input.distress[n];
    const derate = distress > 0 ? 1 - input.maxDerate * Math.min(1, distress) : 1;
    for (let d = 0; d < width; d++) {
      const dimension = dimensions[d];
      const at = n * width + d;
      const own = dimension.column >= 0;
      capacity[at] = own ? (node.capacity[dimension.column] ?? 0) : syntheticCapacity(input);
      effective[at] = capacity[at] * node.weight * derate;
      // Without a limit of the policy a count has no capacity that it could exceed; only its balance matters.
      const limited = own || input.maxReplicasPerNode > 0;
      hardLimit[at] = limited ? capacity[at] * dimension.hardLimit : Number.POSITIVE_INFINITY;
      const given = own ? node.target?.[dimension.column] : undefined;
      target[at] = given ?? (limited ? capacity[at] * dimension.targetUtilization : Number.POSITIVE_INFINITY);
    }
  }
  const frozen = new Uint8Array(nodes.length);
  for (const node of input.frozenNodes) frozen[node] = 1;
  return {
    capacity,
    effective,
    target,
    hardLimit,
    takes: Uint8Array.from(nodes, (node) => (takesReplicas(node) ? 1 : 0)),
    vacate: Uint8Array.from(nodes, (node) => (mustBeVacated(node) ? 1 : 0)),
    frozen,
    domains: {
      rack: domainColumn(nodes, 'rack'),
      zone: domainColumn(nodes, 'zone'),
      region: domainColumn(nodes, 'region'),
    },
  };
}

/** The synthetic count of replicas is measured against the policy's limit, or else against the fair share. */
function syntheticCapacity(input: NodeColumnsInput): number {
  return input.maxReplicasPerNode > 0 ? input.maxReplicasPerNode : Math.max(1, input.meanReplicas);
}

function domainColumn(nodes: readonly Node[], level: Exclude<TopologyLevel, 'node'>): DomainColumn {
  const indices = new Map<string, number>();
  const ofNode = new Int32Array(nodes.length);
  for (let n = 0; n < nodes.length; n++) {
    const name = domainOf(nodes[n], level);
    let index = indices.get(name);
    if (index === undefined) {
      index = indices.size;
      indices.set(name, index);
    }
    ofNode[n] = index;
  }
  return { names: [...indices.keys()], ofNode };
}
