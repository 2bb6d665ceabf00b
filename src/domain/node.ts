/** As the peers' gossip sees the node. Only `alive` nodes receive replicas; `dead` and `left` ones must be vacated. */
export type NodeStatus = 'alive' | 'suspect' | 'dead' | 'left';

/** As operators want the node: `cordoned` takes nothing new, `draining` must be vacated as well. */
export type AdminState = 'active' | 'cordoned' | 'draining';

/** Where spread and dependencies are counted. The levels are independent labels: a zone may cross regions. */
export type TopologyLevel = 'node' | 'rack' | 'zone' | 'region';

/** A process that holds replicas (a MeshKit peer). */
export interface Node {
  readonly id: string;
  readonly region: string;
  readonly zone: string;
  readonly rack: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Relative share of the load that this node should carry; 1 is normal, greater than 0. */
  readonly weight: number;
  readonly status: NodeStatus;
  readonly adminState: AdminState;
  /** Capacity per dimension of the snapshot, in the dimension's unit; at least 0. */
  readonly capacity: readonly number[];
  /**
   * Load per dimension above which this node is over target, in the dimension's unit. Absent: capacity times the
   * policy's `targetUtilization`.
   */
  readonly target?: readonly number[];
  /** What the scoring adapters read; names in `signals.ts`, third parties add theirs. A missing signal is unknown. */
  readonly signals: Readonly<Record<string, number>>;
}

/** The node's place at a topology level. */
export function domainOf(node: Node, level: TopologyLevel): string {
  switch (level) {
    case 'node':
      return node.id;
    case 'rack':
      return node.rack;
    case 'zone':
      return node.zone;
    case 'region':
      return node.region;
  }
}

/** Whether replicas on this node count as healthy. */
export function isHealthy(node: Node): boolean {
  return node.status === 'alive';
}

/** Whether the node may receive replicas at all. */
export function takesReplicas(node: Node): boolean {
  return node.status === 'alive' && node.adminState === 'active';
}

/** Whether every replica must leave the node. */
export function mustBeVacated(node: Node): boolean {
  return node.adminState === 'draining' || node.status === 'dead' || node.status === 'left';
}
