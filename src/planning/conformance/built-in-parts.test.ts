import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../base/random.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import { buildConstraints } from '../build-constraints.ts';
import { buildTerms } from '../build-objective.ts';
import type { PlannerExtension } from '../extension.ts';
import type { PlacementState } from '../placement-state.ts';
import { checkParts } from './check-parts.ts';
import { createFailures } from './conformance-report.ts';
import { randomRequest } from './random-request.ts';

/** Enough that every rule of a policy is drawn tens of times. */
const fleets = 400;

/** The planner's own parts, unattached: the kit attaches what it examines. */
const withoutListening = (state: PlacementState): PlacementState =>
  Object.assign(Object.create(state) as PlacementState, { listen: () => () => {} });

const constraintNames = [
  'dependencies',
  'distinct nodes',
  'hard limit',
  'healthy replicas',
  'label rules and pins',
  'nodes and shards that may move',
  'replicas per node',
  'replicas per zone',
  'share of load per zone',
  'spread',
];
const termNames = ['balance', 'leadership balance', 'load above target'];

describe("the planner's own parts keep the contract of extensions", () => {
  test.each([
    ['constraints', ownConstraints(), constraintNames],
    ['terms', ownTerms(), termNames],
  ])('%s', (_, { extension, seen }, names) => {
    const failures = createFailures();
    const random = createRandom('built-in');
    let changes = 0;
    for (let fleet = 0; fleet < fleets; fleet++) {
      const request: PlanningRequest = randomRequest(random.fork(`fleet ${fleet}`), 'anything');
      changes += checkParts(extension, request, random.fork(`changes ${fleet}`), failures);
    }
    expect(failures.list).toEqual([]);
    expect(changes).toBeGreaterThan(fleets);
    // A part that no fleet drew has not been examined.
    expect([...seen].sort()).toEqual(names);
  });
});

function ownConstraints(): { extension: PlannerExtension; seen: Set<string> } {
  const seen = new Set<string>();
  const constraints: PlannerExtension['constraints'] = (state) => {
    const parts = buildConstraints(withoutListening(state), false);
    for (const part of parts) seen.add(part.name);
    return parts;
  };
  return { extension: { name: 'own', constraints }, seen };
}

function ownTerms(): { extension: PlannerExtension; seen: Set<string> } {
  const seen = new Set<string>();
  const terms: PlannerExtension['terms'] = (state, factors) => {
    const parts = buildTerms(withoutListening(state), factors);
    for (const part of parts) seen.add(part.name);
    return parts;
  };
  return { extension: { name: 'own', terms }, seen };
}
