import { afterEach, beforeAll, expect, test } from 'bun:test';
import { createListenerBench, type ListenerBench } from './listener.testing.ts';

let bench: ListenerBench;
beforeAll(async () => {
  bench = await createListenerBench();
});
afterEach(() => bench.close());

/** More at once than a window of a few MiB holds: see `streamWindowBytes`. */
const uploads = 60;
const chunk = new Uint8Array(50_000);
const chunksEach = 10;

async function* body(): AsyncIterable<Uint8Array> {
  for (let index = 0; index < chunksEach; index += 1) yield chunk;
}

test('over h3, many uploads at once arrive whole', async () => {
  await bench.start({
    createHandler: () => async (call) => {
      let read = 0;
      for await (const part of call.body as AsyncIterable<Uint8Array>) read += part.length;
      return { status: 200, header: new Headers({ 'x-read': String(read) }) };
    },
  });
  const fetch = await bench.client('h3');
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: uploads }, () => fetch(bench.request('/', { body: body() }))),
    );
    const whole = String(chunk.length * chunksEach);
    expect(new Set(answers.map((each) => each.header.get('x-read')))).toEqual(new Set([whole]));
  }
});
