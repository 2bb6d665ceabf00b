import { describe, expect, test } from 'bun:test';
import { createRandom, type Random } from '../base/random.ts';
import type { Move } from '../domain/move.ts';
import { mustBeVacated } from '../domain/node.ts';
import type { Policy } from '../domain/policy.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { computePlan } from '../planning/compute-plan.ts';
import { createFleetView } from './fleet-view.ts';
import { moveContext, testNode, testPolicy, testShard, testSnapshot } from './guardrail.testing.ts';
import { illShards } from './ill-shards.ts';
import { judgeMove } from './judge-move.ts';
import { judgePlan } from './judge-plan.ts';
import { worstDecision } from './verdicts.ts';

/** The planner and the guardrails read the same policy: what one orders, the other must let pass, wave by wave. */

const roomy: PolicyOverlay = {
  budget: { maxShareOfShards: 1 },
  concurrency: { cluster: 1_000, namespace: 1_000, perNodeIn: 1_000, perNodeOut: 1_000, perZone: 1_000 },
};

/** Twelve nodes in three zones, full in places, with replicas thrown at random. */
function unevenFleet(random: Random): Snapshot {
  const nodes = Array.from({ length: 12 }, (_, i) =>
    testNode(`n${String(i).padStart(2, '0')}`, {
      zone: `z${i % 3}`,
      status: random.next() < 0.08 ? 'dead' : 'alive',
      adminState: random.next() < 0.08 ? 'draining' : 'active',
    }),
  );
  const shards = Array.from({ length: 60 }, (_, i) => {
    const places = new Set<string>();
    while (places.size < 2) places.add(nodes[Math.floor(random.next() ** 2 * nodes.length)]?.id ?? '');
    return testShard(
      `s${String(i).padStart(2, '0')}`,
      [...places],
      [1 + random.integer(12), 1 + random.integer(12)],
    );
  });
  return testSnapshot({ nodes, shards });
}

function planOf(
  snapshot: Snapshot,
  policy: Policy,
  seed: number,
): { moves: readonly Move[]; judged: string } {
  const planned = computePlan({
    snapshot,
    policy,
    distress: new Float64Array(snapshot.nodes.length),
    seed,
    frozenShards: illShards(snapshot, policy),
    frozenNodes: new Int32Array(0),
    task: { kind: 'improve' },
  });
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  const { moves, summary } = planned.value;
  const verdicts = judgePlan({
    phase: 'start',
    now: snapshot.takenAt,
    snapshot,
    policy,
    kind: snapshot.nodes.some(mustBeVacated) ? 'restore' : 'rebalance',
    moves,
    summary,
    changeTicket: '',
    incidents: [],
    moveTraces: [],
    lastPlanEndedAt: 0,
    lastPlanFailed: false,
    overrides: [],
  });
  return { moves, judged: worstDecision(verdicts) };
}

/** Runs the waves, all moves of a wave at once, and gives every objection that was met. */
function objections(snapshot: Snapshot, policy: Policy, moves: readonly Move[]): string[] {
  const view = createFleetView(snapshot, policy);
  const met: string[] = [];
  const waves = new Set(moves.map((move) => move.wave));
  for (const wave of waves) {
    const together = moves.filter((move) => move.wave === wave);
    for (const move of together) {
      for (const verdict of judgeMove(moveContext({ view, policy }), move))
        met.push(`${move.id} ${verdict.message}`);
      view.begin(move);
    }
    for (const move of together) view.complete(move);
  }
  return met;
}

const policies: [string, PolicyOverlay][] = [
  ['defaults', roomy],
  ['transient load held for the plan', { ...roomy, placement: { transientHold: 'plan' } }],
  [
    'spread over zones',
    { ...roomy, placement: { spread: [{ select: {}, level: 'zone', minDomains: 2, maxPerDomain: 1 }] } },
  ],
  [
    'shares of replicas and load',
    {
      ...roomy,
      placement: {
        maxReplicasPerNode: 16,
        maxReplicasPerZone: 45,
        maxShareOfReplicasPerNode: 0.15,
        maxShareOfReplicasPerZone: 0.4,
        maxShareOfLoadPerNode: 0.15,
        maxShareOfLoadPerZone: 0.4,
      },
    },
  ],
];

describe('plans of the planner', () => {
  test.each(policies)('pass the guardrails move by move under: %s', (name, overlay) => {
    const policy = testPolicy(overlay);
    let moved = 0;
    for (let seed = 1; seed <= 25; seed++) {
      const snapshot = unevenFleet(createRandom(`${name} ${seed}`));
      const { moves, judged } = planOf(snapshot, policy, seed);
      moved += moves.length;
      const unhealthy = snapshot.nodes.filter((node) => node.status === 'dead').length;
      if (unhealthy > 1 && unhealthy / snapshot.nodes.length >= policy.incidents.maxUnhealthyShare) continue;
      expect(judged).toBe('allow');
      expect(objections(snapshot, policy, moves)).toEqual([]);
      const ill = illShards(snapshot, policy);
      for (const move of moves) expect(ill).not.toContain(snapshot.shards.ids.indexOf(move.shard));
    }
    expect(moved).toBeGreaterThan(100);
  });
});
