import { defaultPolicy } from './policy-defaults.ts';
import { applyOverlay } from './policy-merge.ts';
import type { PolicyOverlay } from './policy-overlay.ts';
import { validatePolicy } from './policy-validate.ts';
import type { PolicyWorld } from './policy-validate-world.ts';

/** A policy with defaults for what the overlay does not say. */
export const policyWith = (overlay: PolicyOverlay) => applyOverlay(defaultPolicy('prod', 'orders'), overlay);

/** Code and field of everything that is wrong with such a policy. */
export const found = (overlay: PolicyOverlay, world?: PolicyWorld): readonly (string | undefined)[][] =>
  validatePolicy(policyWith(overlay), world).map(({ code, field }) => [code, field]);

/** An overlay with one value at a path. */
export function at(path: string, value: unknown): PolicyOverlay {
  return path
    .split('.')
    .toReversed()
    .reduce<unknown>((inner, name) => ({ [name]: inner }), value) as PolicyOverlay;
}

/** An adapter and a tier that are as they should be. */
export const adapter = { name: 'latency', weight: 1, floor: 0, parameters: {} };
export const tier = { name: 'large', aboveMoves: 10, required: 2, groups: [] };
