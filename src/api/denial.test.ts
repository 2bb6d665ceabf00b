import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { silentLog } from '../base/log.ts';
import { type ApiBench, createApiBench } from './api.testing.ts';
import { createDenialRecorder, type Denial, type DenialRecorder } from './denial.ts';

let bench: ApiBench;
let denials: DenialRecorder;
beforeEach(async () => {
  bench = await createApiBench();
  denials = createDenialRecorder({ ...bench, log: silentLog, cluster: 'c1' });
});
afterEach(() => bench.stop());

const denial: Denial = {
  actor: 'pat',
  method: 'S/M',
  namespace: '',
  transport: 'rest/h3',
  problem: { code: 'PERMISSION_DENIED', message: 'pat may not' },
};

async function recorded() {
  const records = await bench.store.auditRecords({ limit: 10_000, action: 'access.denied' });
  return records.map(({ actor, outcome, details }) => [actor, outcome, details.repeated ?? '']);
}

describe('denials', () => {
  test('that repeat are one record at once, and one with their number later', async () => {
    for (let i = 0; i < 5; i++) await denials.record(denial);
    expect(await recorded()).toEqual([['pat', 'PERMISSION_DENIED', '']]);
    await bench.clock.advance(10_000);
    expect(await recorded()).toEqual([
      ['pat', 'PERMISSION_DENIED', ''],
      ['pat', 'PERMISSION_DENIED', '4'],
    ]);
    await denials.record(denial);
    expect((await recorded()).length).toBe(3);
  });

  test('of different kinds are records of their own, up to a bound', async () => {
    for (let i = 0; i < 1_100; i++) await denials.record({ ...denial, actor: `p${i}` });
    const atOnce = await recorded();
    expect(atOnce.length).toBe(1_001);
    await denials.flush();
    expect((await recorded()).slice(1_001)).toEqual([['p1000', 'PERMISSION_DENIED', '99']]);
  });
});
