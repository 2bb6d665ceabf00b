import type { Move } from './move.ts';
import type { AdminState, NodeStatus } from './node.ts';
import type { Obstacle, ObstacleCode } from './plan.ts';
import type { PlanningRequest } from './planning.ts';
import type { ShardStatus } from './snapshot.ts';

/** What is asked about a plan: why a shard moves or stays, or why a node keeps and gets what it does. */
export type ExplanationSubject =
  | { readonly kind: 'shard'; readonly id: string }
  | { readonly kind: 'node'; readonly id: string };

/** A plan with everything that it was computed from, and the question. */
export interface ExplanationRequest {
  readonly planning: PlanningRequest;
  readonly moves: readonly Move[];
  readonly obstacles: readonly Obstacle[];
  readonly subject: ExplanationSubject;
  /** Destinations to name per replica, moves and remaining replicas per node; from 1 to `maxExplained`. */
  readonly limit: number;
}

/** More is for the plan file and the snapshot. */
export const maxExplained = 100;

/** What is named when nobody says how much. */
export const defaultExplained = 5;

export type Explanation =
  | { readonly kind: 'shard'; readonly shard: ShardExplanation }
  | { readonly kind: 'node'; readonly node: NodeExplanation };

export interface ShardExplanation {
  readonly shard: string;
  readonly group: string;
  readonly status: ShardStatus;
  /** Dimensions of the loads. */
  readonly dimensions: readonly string[];
  readonly replicas: readonly ReplicaExplanation[];
  /** Who else could lead after the plan, the best first. */
  readonly leadership: readonly PlacementOption[];
}

export interface ReplicaExplanation {
  readonly replica: number;
  /** Node before the plan and after it; equal for one that stays. */
  readonly before: string;
  readonly after: string;
  readonly leadsBefore: boolean;
  readonly leadsAfter: boolean;
  /** What it carries before the plan, per dimension of the snapshot, in the dimension's unit. */
  readonly load: readonly number[];
  readonly bytes: number;
  /** Its moves, and the transfers by which it begins or ceases to lead. */
  readonly moves: readonly Move[];
  /** Why it stays; null for one that is relocated. */
  readonly stay: StayReason | null;
  readonly survey: DestinationSurvey;
}

/** What every other node says to one replica, with all the plan's moves made. */
export interface DestinationSurvey {
  /** Nodes asked: all but the one that it is on after the plan. */
  readonly asked: number;
  /** Nodes that every rule lets it go to. */
  readonly allowed: number;
  /** Nodes with which the objective would be better, whatever the rules say. */
  readonly better: number;
  /** Nodes by the first rule that refuses, the most frequent first. */
  readonly refusals: readonly RefusalCount[];
  /** The best by objective, the best that is allowed, and home where it moves; the best first. */
  readonly options: readonly PlacementOption[];
}

export interface RefusalCount {
  readonly rule: string;
  readonly code: ObstacleCode;
  readonly nodes: number;
}

/** One way in which a replica, or the leadership of its shard, could lie elsewhere. */
export interface PlacementOption {
  readonly replica: number;
  readonly node: string;
  /** Whether the replica is there before the plan. */
  readonly isHome: boolean;
  /** What the objective would gain over where the plan leaves it; negative: what it would lose. */
  readonly gain: number;
  /** What policy prices the move at. */
  readonly price: number;
  /** What each rule that refuses says; none when it is allowed. */
  readonly refusals: readonly Refusal[];
}

/** What a rule says when it refuses a candidate. */
export interface Refusal {
  /** The rule's name, for people: `hard limit`. */
  readonly rule: string;
  readonly code: ObstacleCode;
  /** What would be wrong: `node/n3`, `zone/b`. */
  readonly subject: string;
  /** Empty where none matters. */
  readonly dimension: string;
  /** What would be there, and what is allowed, in the dimension's unit or as a count; both 0 where it is no number. */
  readonly observed: number;
  readonly limit: number;
  readonly message: string;
}

/** Why something stays where it is. */
export interface StayReason {
  readonly code: ObstacleCode;
  readonly subject: string;
  readonly dimension: string;
  readonly observed: number;
  readonly limit: number;
  readonly message: string;
}

export interface NodeExplanation {
  readonly node: string;
  readonly zone: string;
  readonly status: NodeStatus;
  readonly adminState: AdminState;
  /** Whether replicas may come, whether all must leave, and whether it rests (neither gives nor takes for now). */
  readonly takesReplicas: boolean;
  readonly mustBeVacated: boolean;
  readonly isResting: boolean;
  /** 0..1; derates what it can carry. */
  readonly distress: number;
  readonly replicasBefore: number;
  readonly replicasAfter: number;
  readonly leadersBefore: number;
  readonly leadersAfter: number;
  /** Of the policy. */
  readonly loads: readonly NodeLoad[];
  /** Dimensions of the replicas' loads: the snapshot's. */
  readonly dimensions: readonly string[];
  /** Moves off it and onto it, in the plan's order: the first of them, and how many there are. */
  readonly leaves: readonly Move[];
  readonly leavesCount: number;
  readonly arrives: readonly Move[];
  readonly arrivesCount: number;
  /** Why the node as a whole keeps what it keeps. */
  readonly standing: StayReason;
  /** What stays, the largest first in the dimension in which the node is fullest; and how many stay. */
  readonly stays: readonly RemainingReplica[];
  readonly staysCount: number;
}

/** A node's load in one dimension, in the dimension's unit. */
export interface NodeLoad {
  readonly dimension: string;
  readonly before: number;
  readonly after: number;
  readonly capacity: number;
  /** Effective capacity × the mean utilisation of the fleet; 0 for a node that must be vacated. */
  readonly fairShare: number;
  /** Infinite where there is none. */
  readonly target: number;
  readonly limit: number;
}

export interface RemainingReplica {
  readonly shard: string;
  readonly replica: number;
  readonly leads: boolean;
  /** What it carries after the plan, per dimension of the snapshot. */
  readonly load: readonly number[];
  readonly stay: StayReason;
  /** The best destination by objective, whether allowed or not; null where there is no other node. */
  readonly best: PlacementOption | null;
}
