/** What is balanced: one additive resource or load of replicas and nodes. */
export interface Dimension {
  /** Lower-case word, unique in a snapshot: `cpu`, `memory`, `disk`, `requests`, `backlog`. */
  readonly name: string;
  /** Unit of loads and capacities, for people: `cores`, `GiB`, `req/s`. */
  readonly unit: string;
}

/**
 * Every replica counts 1 in this dimension. Snapshots need not carry it: the planner adds it when a policy names it.
 */
export const replicaCountDimension = 'replicas';
