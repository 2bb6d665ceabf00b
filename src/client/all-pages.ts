/**
 * Walks a paged listing item by item.
 *
 * @param fetchPage asks for the page that a cursor names; the first cursor is empty
 * @param limit most items to deliver
 */
export async function* allPages<T>(
  fetchPage: (cursor: string) => Promise<{ readonly items: readonly T[]; readonly nextCursor: string }>,
  limit: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<T, void> {
  let delivered = 0;
  for (let cursor = ''; ; ) {
    const page = await fetchPage(cursor);
    for (const item of page.items) {
      if (delivered >= limit) return;
      delivered += 1;
      yield item;
    }
    if (page.nextCursor === '') return;
    cursor = page.nextCursor;
  }
}
