import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createSequenceWindow, windowSize } from './sequence-window.ts';

describe('the window of sequences', () => {
  test('lets each through once, in whatever order and however often they come', () => {
    const arrivals = fc
      .uniqueArray(fc.integer({ min: 1, max: windowSize }), { minLength: 1, maxLength: 200 })
      .chain((distinct) => fc.tuple(fc.constant(distinct), fc.array(fc.constantFrom(...distinct))));
    fc.assert(
      fc.property(arrivals, ([distinct, again]) => {
        const window = createSequenceWindow();
        const taken: number[] = [];
        for (const sequence of [...distinct, ...again]) {
          const arrival = window.look(sequence);
          if (arrival !== 'next' && arrival !== 'overtaken') continue;
          window.take(sequence);
          taken.push(sequence);
        }
        expect(taken).toEqual(distinct);
        const first = distinct[0] ?? 0;
        const above = distinct.filter((each) => each >= first).length;
        expect(window.greatest()).toBe(Math.max(...distinct));
        expect(window.missing()).toBe(window.greatest() - first + 1 - above);
      }),
    );
  });

  test('knows the last thousand however far a gap reaches', () => {
    const window = createSequenceWindow();
    for (const sequence of [1, 2, 3 + windowSize]) window.take(sequence);
    expect(window.look(2)).toBe('late');
    expect(window.look(3)).toBe('late');
    expect(window.look(4)).toBe('overtaken');
    expect(window.look(3 + windowSize)).toBe('duplicate');
    window.take(10 * windowSize);
    expect(window.look(9 * windowSize + 1)).toBe('overtaken');
    expect(window.look(3 + windowSize)).toBe('late');
  });

  test('counts nothing as missing below where a source was first heard', () => {
    const window = createSequenceWindow();
    window.take(5_000);
    window.take(4_999);
    expect(window.missing()).toBe(0);
    window.take(5_003);
    expect(window.missing()).toBe(2);
    window.take(5_001);
    expect(window.missing()).toBe(1);
  });
});
