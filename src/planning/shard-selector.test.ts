import { expect, test } from 'bun:test';
import { compileSelector } from './shard-selector.ts';

test.each([
  [{}, true],
  [{ group: 'g' }, true],
  [{ group: 'h' }, false],
  [{ prefix: 's-' }, true],
  [{ prefix: 't' }, false],
  [{ shards: ['s-1', 's-2'] }, true],
  [{ shards: [] }, false],
  [{ group: 'g', prefix: 's', shards: ['s-9'] }, false],
])('%o selects shard s-1 of group g: %p', (selector, selected) => {
  expect(compileSelector(selector)('s-1', 'g')).toBe(selected);
});
