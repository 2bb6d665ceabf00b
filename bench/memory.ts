import { createRandom } from '../src/base/random.ts';

/**
 * What one look-up in memory costs, by the size of what is looked up in: why ten times the replicas cost the planner more than
 * ten times the time. One JSON object a line: nanoseconds per cache line read at random, where each read says where the next
 * one is (`dependent`), and where all are known (`independent`); the least of five rounds. `npm run bench -- memory`
 */
const sizes = [
  { what: 'a column of nodes × dimensions', replicas: 1_000_000, bytes: 240_000 },
  { what: 'a column of nodes × dimensions', replicas: 10_000_000, bytes: 2_400_000 },
  { what: 'a column of replicas', replicas: 1_000_000, bytes: 4_000_000 },
  { what: 'a column of replicas', replicas: 10_000_000, bytes: 40_000_000 },
  { what: 'rows of loads', replicas: 1_000_000, bytes: 24_000_000 },
  { what: 'rows of loads', replicas: 10_000_000, bytes: 240_000_000 },
];
/** Numbers of four bytes in a cache line. */
const perLine = 16;
const reads = 1 << 20;
const rounds = 5;

/** Lines in a random order, as one cycle through all of them. */
function randomCycle(lines: number): Int32Array {
  const random = createRandom(lines);
  const order = Int32Array.from({ length: lines }, (_, line) => line);
  for (let at = lines - 1; at > 0; at--) {
    const other = random.integer(at + 1);
    const line = order[at];
    order[at] = order[other];
    order[other] = line;
  }
  return order;
}

function nanosecondsPerRead(read: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    // What was read is used, so that no compiler leaves the reading out.
    if (read() < 0) throw new Error('a line is before the first');
    least = Math.min(least, performance.now() - start);
  }
  return Math.round((least * 1e7) / reads) / 10;
}

for (const { what, replicas, bytes } of sizes) {
  const lines = Math.floor(bytes / 4 / perLine);
  const order = randomCycle(lines);
  const data = new Int32Array(lines * perLine);
  for (let at = 0; at < lines; at++) data[order[at] * perLine] = order[(at + 1) % lines] * perLine;
  const places = Int32Array.from({ length: reads }, (_, at) => order[at % lines] * perLine);
  const dependent = nanosecondsPerRead(() => {
    let at = 0;
    for (let read = 0; read < reads; read++) at = data[at];
    return at;
  });
  const independent = nanosecondsPerRead(() => {
    let most = 0;
    for (let read = 0; read < reads; read++) most = Math.max(most, data[places[read]]);
    return most;
  });
  process.stdout.write(
    `${JSON.stringify({ case: 'memory', what, replicas, bytes, dependent, independent })}\n`,
  );
}
