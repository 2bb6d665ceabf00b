import fc from 'fast-check';
import { guardrailCodes } from '../domain/error-codes.ts';
import type { Move, MoveProgress } from '../domain/move.ts';
import { moveSteps } from '../domain/move.ts';
import type { DimensionBalance, Obstacle, Plan, PlanSummary } from '../domain/plan.ts';
import { planStatuses } from '../domain/plan-status.ts';
import type { GuardrailOverride, Verdict } from '../domain/verdict.ts';

// Values of the domain as wild as its types allow: what the codecs must carry without loss.

export const text = fc.string({ unit: 'grapheme', maxLength: 12 });
export const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
export const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
export const small = fc.nat({ max: 2_147_483_647 });
export const amount = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
/** -0 is 0 in JSON. */
export const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
export const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Whole milliseconds, 1970 to 5138; never 0, which stands for "has not happened". */
export const time = fc.integer({ min: 1, max: 100_000_000_000_000 });
export const maybeTime = fc.oneof(fc.constant(0), time);
export const durationMs = fc.nat({ max: 31_622_400_000 });
/** Keys that are no object's own business. */
export const key = name.filter((each) => each !== '__proto__');
export const strings = fc.array(text, { maxLength: 3 });
export const labels = fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true });

export const verdict: fc.Arbitrary<Verdict> = fc.record(
  {
    code: fc.constantFrom(...guardrailCodes),
    decision: fc.constantFrom('allow', 'throttle', 'block'),
    subject: text,
    observed: fc.oneof(text, real),
    limit: fc.oneof(text, real),
    message: text,
    remedy: text,
    overriddenBy: name,
  },
  { requiredKeys: ['code', 'decision', 'subject', 'observed', 'limit', 'message', 'remedy'] },
);

export const override: fc.Arbitrary<GuardrailOverride> = fc.record({
  code: fc.constantFrom(...guardrailCodes),
  reason: text,
  by: text,
});

const moveReason: fc.Arbitrary<Move['reasons'][number]> = fc.record(
  {
    code: fc.constantFrom('nodeMustBeVacated', 'overTarget', 'swapPartner', 'extension', 'imbalance'),
    subject: text,
    dimension: text,
    before: real,
    after: real,
    limit: real,
  },
  { requiredKeys: ['code', 'subject', 'before', 'after', 'limit'] },
);

export const move: fc.Arbitrary<Move> = fc.record({
  id: name,
  wave: small,
  kind: fc.constantFrom('relocate', 'transferLeadership'),
  shard: name,
  replica: small,
  successor: small,
  source: name,
  destination: name,
  leads: fc.boolean(),
  expectedVersion: fc.oneof(fc.constant(-1), whole),
  bytes: amount,
  load: fc.array(real, { maxLength: 3 }),
  reasons: fc.array(moveReason, { maxLength: 3 }),
  gain: real,
  price: real,
});

export const moveProgress: fc.Arbitrary<MoveProgress> = fc.record({
  moveId: name,
  state: fc.constantFrom('pending', 'running', 'done', 'failed', 'aborted', 'skipped', 'unknown'),
  step: fc.option(fc.constantFrom(...moveSteps)),
  attempts: small,
  startedAt: maybeTime,
  endedAt: maybeTime,
  resultVersion: whole,
  failure: fc.option(fc.record({ code: text, message: text })),
});

export const obstacle: fc.Arbitrary<Obstacle> = fc.record({
  code: fc.constantFrom('noFeasibleDestination', 'capacity', 'budgetShare', 'extension'),
  subject: text,
  message: text,
  observed: real,
  limit: real,
});

const durationRange = fc.record({ lowMs: durationMs, expectedMs: durationMs, highMs: durationMs });

const balance: fc.Arbitrary<DimensionBalance> = fc.record({
  dimension: text,
  peak: real,
  mean: real,
  peakToMean: real,
  peakNode: text,
  overTarget: whole,
});

const summary: fc.Arbitrary<PlanSummary> = fc.record({
  moves: whole,
  waves: whole,
  bytes: amount,
  shardsTouched: whole,
  shareOfShards: share,
  before: fc.array(balance, { maxLength: 2 }),
  after: fc.array(balance, { maxLength: 2 }),
  violationsBefore: whole,
  violationsAfter: whole,
  toVacateBefore: whole,
  toVacateAfter: whole,
  objectiveBefore: fc.array(real, { maxLength: 4 }),
  objectiveAfter: fc.array(real, { maxLength: 4 }),
  lowerBound: real,
  lowerBoundWithinBudget: real,
  lowerBoundBy: fc.constantFrom(
    'waterFilling',
    'largestReplica',
    'counting',
    'nodeShapes',
    'immovable',
    'budget',
    'unknown',
  ),
  gap: real,
  movesLowerBound: whole,
  eta: durationRange,
  evaluations: whole,
  deterministic: fc.boolean(),
});

export const plan: fc.Arbitrary<Plan> = fc.record({
  id: name,
  cluster: text,
  namespace: text,
  kind: fc.constantFrom('rebalance', 'restore', 'drain', 'rollback', 'manual'),
  status: fc.constantFrom(...planStatuses),
  revision: whole,
  digest: text,
  policyRevision: whole,
  snapshotDigest: text,
  afterSnapshotDigest: text,
  seed: whole,
  createdAt: time,
  createdBy: text,
  reason: text,
  changeTicket: text,
  budget: fc.record({ maxMoves: whole, maxBytes: amount, maxShareOfShards: share }),
  trigger: text,
  summary,
  verdicts: fc.array(verdict, { maxLength: 2 }),
  overrides: fc.array(override, { maxLength: 2 }),
  approval: fc.record({
    required: small,
    excludeAuthor: fc.boolean(),
    groups: strings,
    tier: text,
    automatic: fc.boolean(),
  }),
  approvals: fc.array(
    fc.record({
      principal: text,
      groups: strings,
      digest: text,
      at: time,
      reason: text,
      changeTicket: text,
    }),
    { maxLength: 2 },
  ),
  expiresAt: maybeTime,
  rollbackOf: text,
  rolledBackBy: text,
  supersededBy: text,
  warmStartedFrom: text,
  startedAt: maybeTime,
  endedAt: maybeTime,
  progress: fc.record({
    pending: whole,
    running: whole,
    done: whole,
    failed: whole,
    aborted: whole,
    skipped: whole,
    unknown: whole,
    bytesDone: amount,
    remaining: fc.option(durationRange),
  }),
  outcome: fc.option(fc.record({ code: text, message: text, remedy: text })),
});
