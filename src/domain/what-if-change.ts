import type { Problem } from './problem.ts';

/** One way in which a fleet might be different. Texts that are empty are not given. */
export type WhatIfChange = AddNodes | RetireNodes | GrowNodes | ScaleLoads;

/** New empty nodes, alive and active, as large as another one. */
export interface AddNodes {
  readonly kind: 'addNodes';
  /** From 1 to `maxAddedNodes`. */
  readonly count: number;
  /** Node that they are like; empty: the first that takes replicas, of the zone if it has one. */
  readonly like: string;
  /** Where they are; empty: where the node is that they are like. */
  readonly region: string;
  readonly zone: string;
  readonly rack: string;
}

/** remove: the nodes have left, and what they held is to be restored elsewhere. drain: they are to be vacated. */
export interface RetireNodes {
  readonly kind: 'removeNodes' | 'drainNodes';
  /** Not every node: one of its parts is given. */
  readonly nodes: NodeChoice;
}

/** Capacity and target times a factor. */
export interface GrowNodes {
  readonly kind: 'growNodes';
  /** Every node where none is named. */
  readonly nodes: NodeChoice;
  /** Above 0 and at most `maxFactor`. */
  readonly factor: number;
  /** Empty for every dimension. */
  readonly dimension: string;
}

/** Loads times a factor. */
export interface ScaleLoads {
  readonly kind: 'scaleLoads';
  /** Every shard where none is named; every part that is given must match. */
  readonly shards: { readonly shard: string; readonly prefix: string; readonly group: string };
  /** From 0 to `maxFactor`. */
  readonly factor: number;
  /** Empty for every dimension. */
  readonly dimension: string;
}

/** One node, or those of a zone; at most one of the two. */
export interface NodeChoice {
  readonly node: string;
  readonly zone: string;
}

/** Changes of one question: more describe another fleet. */
export const maxWhatIfChanges = 32;

/** Nodes that one change adds; several may add more. */
export const maxAddedNodes = 10_000;

/** Largest factor: a fleet a thousand times as loaded is as full as one can ask for. */
export const maxFactor = 1_000;

/** A problem whose field is relative to its change. */
export type ChangeProblem = Problem & { readonly field: string };
