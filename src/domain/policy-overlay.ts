import type { Policy } from './policy.ts';

/** Any part of a policy, as somebody wrote it; what is left out comes from the layer below. Lists replace as a whole. */
export type PolicyOverlay = DeepPartial<Omit<Policy, 'cluster' | 'namespace' | 'revision'>>;

export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** A policy as somebody applied it, with who and why. */
export interface PolicyDocument {
  readonly cluster: string;
  readonly namespace: string;
  readonly revision: number;
  /** What was written in the document; the rest comes from the cluster's policy and the defaults. */
  readonly overlay: PolicyOverlay;
  readonly appliedAt: number;
  readonly appliedBy: string;
  readonly reason: string;
}
