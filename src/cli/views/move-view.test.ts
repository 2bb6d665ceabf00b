import { describe, expect, test } from 'bun:test';
import type { Move, MoveProgress } from '../../domain/move.ts';
import { describeReason, movesTable, obstaclesTable } from './move-view.ts';

const move: Move = {
  id: 'm00001',
  wave: 0,
  kind: 'relocate',
  shard: 'orders-17',
  replica: 1,
  successor: 1,
  source: 'n3',
  destination: 'n12',
  leads: true,
  expectedVersion: 4,
  bytes: 3.5 * 1024 ** 2,
  load: [1.6],
  reasons: [{ code: 'overTarget', subject: 'node/n3', dimension: 'cpu', before: 11.2, after: 9.6, limit: 8 }],
  gain: 2,
  price: 1,
};
const transfer: Move = {
  ...move,
  id: 'm00002',
  wave: 1,
  kind: 'transferLeadership',
  successor: 2,
  reasons: [],
};
const progress: MoveProgress = {
  moveId: 'm00001',
  state: 'running',
  step: 'prepare',
  attempts: 1,
  startedAt: 1,
  endedAt: 0,
  failure: null,
  resultVersion: 0,
};

test('moves are a table: what moves, from where to where, how far it is and why', () => {
  const failure = { code: 'MOVE_REFUSED', message: 'disk full' } as const;
  const table = movesTable([
    { move, progress },
    { move: transfer, progress: { ...progress, moveId: 'm00002', state: 'failed', failure } },
    { move: { ...move, id: 'm00003', leads: false }, progress: undefined },
  ]);
  expect(`\n${table}`).toMatchInlineSnapshot(`
    "
    MOVE    WAVE  SHARD         FROM  TO      COPIES  GAIN  PRICE  STATE                 WHY
    m00001     1  orders-17#1*  n3    n12    3.5 MiB     2      1  running: prepare      overTarget node/n3 cpu 11.2 → 9.6 (limit 8)
    m00002     2  orders-17#1*  n3    n12  lead only     2      1  failed: MOVE_REFUSED
    m00003     1  orders-17#1   n3    n12    3.5 MiB     2      1  -                     overTarget node/n3 cpu 11.2 → 9.6 (limit 8)
    "
  `);
});

describe('a reason', () => {
  test('leaves out the numbers that say nothing', () => {
    expect(
      describeReason({ code: 'nodeMustBeVacated', subject: 'node/n3', before: 0, after: 0, limit: 0 }),
    ).toBe('nodeMustBeVacated node/n3');
    expect(
      describeReason({ code: 'imbalance', subject: 'node/n3', before: 1.23456, after: 1, limit: 0 }),
    ).toBe('imbalance node/n3 1.235 → 1');
  });
});

test('obstacles are a table of what stands in the way', () => {
  const table = obstaclesTable([
    { code: 'cooldown', subject: 'shard/s1', message: 'rests until 12:00', observed: 0, limit: 0 },
  ]);
  expect(`\n${table}`).toMatchInlineSnapshot(`
    "
    NOT DONE BECAUSE  SUBJECT   WHAT
    cooldown          shard/s1  rests until 12:00
    "
  `);
});
