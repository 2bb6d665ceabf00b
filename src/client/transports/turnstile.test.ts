import { expect, test } from 'bun:test';
import { nextTurn } from '../../base/next-turn.ts';
import { createTurnstile } from './turnstile.ts';

test('as many as there is room for pass, the others in their order, and who gives up does not take a turn', async () => {
  const turnstile = createTurnstile(2);
  const calls = Array.from({ length: 5 }, () => new AbortController());
  const passed: number[] = [];
  const refused: number[] = [];
  for (const [index, { signal }] of calls.entries())
    turnstile.enter(signal).then(
      () => passed.push(index),
      () => refused.push(index),
    );
  await nextTurn();
  expect(passed).toEqual([0, 1]);
  calls[2]?.abort();
  await nextTurn();
  expect(refused).toEqual([2]);
  calls[1]?.abort();
  await nextTurn();
  expect(passed).toEqual([0, 1, 3]);
  calls[0]?.abort();
  calls[3]?.abort();
  await nextTurn();
  expect(passed).toEqual([0, 1, 3, 4]);
});

test('who comes too late does not even wait', async () => {
  const over = AbortSignal.abort(new Error('over'));
  expect(
    await createTurnstile(1)
      .enter(over)
      .catch((error: Error) => error.message),
  ).toContain('over');
});
