import { expect, test } from 'bun:test';
import { allPages } from './all-pages.ts';

const pages: Readonly<Record<string, { items: number[]; nextCursor: string }>> = {
  '': { items: [1, 2], nextCursor: 'a' },
  a: { items: [], nextCursor: 'b' },
  b: { items: [3], nextCursor: '' },
};

async function collect(limit?: number): Promise<{ items: number[]; asked: string[] }> {
  const asked: string[] = [];
  const items: number[] = [];
  const walk = allPages(async (cursor) => {
    asked.push(cursor);
    return pages[cursor] ?? { items: [], nextCursor: '' };
  }, limit);
  for await (const item of walk) items.push(item);
  return { items, asked };
}

test('delivers every item of every page in order', async () => {
  expect(await collect()).toEqual({ items: [1, 2, 3], asked: ['', 'a', 'b'] });
});

test('asks for no page that it does not need', async () => {
  expect(await collect(1)).toEqual({ items: [1], asked: [''] });
});
