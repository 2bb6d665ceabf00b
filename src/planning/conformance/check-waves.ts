import type { Random } from '../../base/random.ts';
import { type Change, createChange } from '../change.ts';
import type { PlacementState } from '../placement-state.ts';
import type { Failures } from './conformance-report.ts';
import { createProbe, type Probe, randomStep, type Standpoint } from './probe.ts';
import { agree } from './state-copy.ts';

/**
 * Two changes of different shards run at the same time. While they do, a constraint counts the worst; what it lets pass
 * then must hold whichever of the two ends. Afterwards the counters are what they would be had one followed the other.
 */
export function checkWaves(from: Standpoint, random: Random, failures: Failures): void {
  const start = createProbe(from);
  const first = randomStep(start.state, random);
  if (!first) return;
  const second =
    random.next() < 0.5 ? randomStep(start.state, random) : neighbourOf(start.state, first, random);
  if (!second) return;
  const { shardOf } = from.problem;
  if (shardOf[first.replica] === shardOf[second.replica]) return;
  checkSettled(from, first, second, failures);
  checkSubsets(from, start, [first, second], failures);
}

/** A change that leans on another one: a replica of the same group, to or from one of its nodes. */
function neighbourOf(state: PlacementState, change: Change, random: Random): Change | null {
  const { shards, shardOf, replicaCount, nodeCount } = state.problem;
  const group = shards.groups[shardOf[change.replica]];
  const alike = Array.from({ length: replicaCount }, (_, replica) => replica).filter(
    (replica) => shards.groups[shardOf[replica]] === group && shardOf[replica] !== shardOf[change.replica],
  );
  if (alike.length === 0) return null;
  const replica = alike[random.integer(alike.length)];
  const to = [change.to, change.to, change.from, random.integer(nodeCount)][random.integer(4)];
  return state.nodeOf[replica] === to ? null : state.relocation(createChange(), replica, to);
}

/** Held together and settled one after the other, in either order. */
function checkSettled(from: Standpoint, first: Change, second: Change, failures: Failures): void {
  const probe = createProbe(from);
  probe.state.hold(first);
  probe.state.hold(second);
  probe.state.settle(second);
  probe.state.settle(first);
  const fresh = createProbe({ ...from, placement: probe.state });
  const counted = numbersOf(fresh);
  for (const [i, { name, number }] of numbersOf(probe).entries()) {
    if (agree(number, counted[i].number, 0)) continue;
    failures.add(
      name,
      'counters',
      `after two changes at the same time it stands at ${number}; from scratch it is ${counted[i].number}`,
    );
  }
}

function checkSubsets(
  from: Standpoint,
  start: Probe,
  [first, second]: readonly [Change, Change],
  failures: Failures,
): void {
  const running = createProbe(from);
  running.state.hold(first);
  const passes = start.constraints.map(
    (constraint, i) =>
      Number.isFinite(constraint.delta(first)) && Number.isFinite(running.constraints[i].delta(second)),
  );
  if (!passes.includes(true)) return;
  const before = start.constraints.map((constraint) => constraint.measure().amount);
  for (const ended of [[first], [second], [first, second]]) {
    const probe = createProbe(from);
    for (const change of ended) probe.state.apply(change);
    for (const [i, { name, measure }] of probe.constraints.map(measured).entries()) {
      if (!passes[i] || measure <= before[i] || agree(measure, before[i], 0)) continue;
      failures.add(
        name,
        'waves',
        `it lets two changes run at the same time; when ${ended.length === 2 ? 'both have' : 'one has'} ended it is violated by ${measure}, before by ${before[i]}`,
      );
    }
  }
}

const measured = (constraint: Probe['constraints'][number]) => ({
  name: constraint.name,
  measure: constraint.measure().amount,
});

function numbersOf(probe: Probe): readonly { readonly name: string; readonly number: number }[] {
  return [
    ...probe.constraints.map((each) => ({ name: each.name, number: each.measure().amount })),
    ...probe.terms.map((each) => ({ name: each.name, number: each.value() })),
  ];
}
