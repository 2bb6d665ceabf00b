import { expect, test } from 'bun:test';
import type { PlanningRequest } from '../domain/planning.ts';
import type { Constraint, RefusalNote } from './constraint.ts';
import type { ExtensionDefinition } from './extension-definition.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import { explainWithExtensions } from './plan-with-extensions.ts';

/** An extension that keeps everything off node `b`, and what it says about that. */
function keepsOffB(refusal: Constraint['refusal']): ExtensionDefinition {
  const constraint = (): Constraint => ({
    name: 'not on b',
    obstacle: 'capacity',
    kind: 'identity',
    delta: (change) => (change.to === 1 ? Number.POSITIVE_INFINITY : 0),
    ...(refusal ? { refusal } : {}),
    measure: () => ({ amount: 0, subjects: 0 }),
    offenders: () => {},
  });
  return {
    name: 'off-b',
    description: 'For tests.',
    parameters: [],
    create: () => ({ constraints: () => [constraint()] }),
  };
}

const planning: PlanningRequest = requestFor(
  fleet(['cpu'], [node('a', 1), node('b', 1)], [shard('s1', ['a'], [30]), shard('s2', ['a'], [30])]),
  freePolicy(['cpu'], { placement: { extensions: [{ name: 'off-b', parameters: {} }] } }),
);

function ask(refusal: Constraint['refusal']) {
  const subject = { kind: 'shard', id: 's1' } as const;
  const request = { planning, moves: [], obstacles: [], subject, limit: 5 };
  return explainWithExtensions(request, [keepsOffB(refusal)]);
}

function refusals(refusal: Constraint['refusal']) {
  const told = ask(refusal);
  if (!told.ok || told.value.kind !== 'shard') throw new Error(JSON.stringify(told));
  return told.value.shard.replicas[0]?.survey.options[0]?.refusals ?? [];
}

test('a rule of an extension that refuses is named, and says what it says', () => {
  const note = { subject: 'node/b', observed: 3, limit: 2, message: 'node b is ours' } satisfies RefusalNote;
  expect(refusals(() => note)).toEqual([{ rule: 'not on b', code: 'extension', dimension: '', ...note }]);
});

test('one that says nothing is named alone, and whatever code it claims is that of extensions', () => {
  expect(refusals(undefined)).toMatchObject([{ code: 'extension', message: '"not on b" forbids node b' }]);
  const claims = { obstacle: 'pin', subject: 'node/b', message: 'no', observed: Number.NaN } as const;
  expect(refusals(() => claims)).toMatchObject([{ code: 'extension', observed: 0 }]);
});

test('one that answers nonsense ends the explanation and names itself', () => {
  const nonsense = ask((() => 'no') as unknown as Constraint['refusal']);
  expect(nonsense).toMatchObject({
    ok: false,
    error: [{ code: 'PLANNER_EXTENSION_FAILED', value: 'off-b' }],
  });
  const throws = ask(() => {
    throw new Error('broken');
  });
  expect(throws).toMatchObject({ ok: false, error: [{ code: 'PLANNER_EXTENSION_FAILED' }] });
});
