import type { Policy } from './policy.ts';

/** Any part of a policy, as somebody wrote it; what is left out comes from the layer below. Lists replace as a whole. */
export type PolicyOverlay = DeepPartial<Omit<Policy, 'cluster' | 'namespace' | 'revision'>>;

export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;
