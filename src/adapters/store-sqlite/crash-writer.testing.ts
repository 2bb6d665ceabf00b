import {
  sampleAudit,
  sampleEvent,
  sampleJournalEntry,
  samplePlan,
} from '../../ports/store-samples.testing.ts';
import { openSqliteStore } from './open-sqlite-store.ts';

/**
 * The victim of the crash test: commits until it is killed, several batches at a time, and prints the name of each
 * once it was acknowledged. A batch is a plan with its journal, audit record and event, so that a partial one shows.
 */
const opened = await openSqliteStore({ path: process.argv[2] ?? '' });
if (!opened.ok) throw new Error(opened.error.message);
const { value: store } = opened;
const first = Number(process.argv[3] ?? 0);
const concurrency = 4;
/** Ends by itself if nobody kills it. */
const maxBatches = 200_000;

for (let next = first; next < first + maxBatches; next += concurrency) {
  const ids = Array.from({ length: concurrency }, (_, index) => `p${next + index}`);
  await Promise.all(
    ids.map(async (id) => {
      const subject = `plan/${id}`;
      const committed = await store.commit({
        plans: [samplePlan(id)],
        journal: [sampleJournalEntry({ planId: id })],
        audit: [sampleAudit({ subject })],
        events: [sampleEvent({ subject })],
      });
      if (!committed.ok) throw new Error(committed.error.message);
      process.stdout.write(`${id}\n`);
    }),
  );
}
