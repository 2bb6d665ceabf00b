import { expect, test } from 'bun:test';
import { systemClock } from '../../base/clock.ts';
import { annealedRequest } from '../../planning/annealed-fleet.testing.ts';
import { plannerContract } from '../../ports/planner.contract.ts';
import { createInProcessPlanner } from './in-process-planner.ts';

plannerContract('in this thread', () => createInProcessPlanner(systemClock));

test('between two lanes others have their turn, and what is cancelled then ends', async () => {
  const cancelled = new AbortController();
  const answer = createInProcessPlanner(systemClock).plan(annealedRequest(1), cancelled.signal);
  // Waits behind the first lane, and before the second.
  setImmediate(() => cancelled.abort());
  expect(await answer).toMatchObject({ ok: false, error: [{ code: 'PLANNER_CANCELLED' }] });
});
