import { quantile, report } from './figures.ts';
import { openReader } from './reader.ts';
import type { Place } from './stage.ts';
import { restWires, rpcWires } from './wires.ts';

const warmCalls = 100;
/** Below the burst of calls that a principal may send at once. */
const measuredCalls = 1_500;
const callsInFlight = [1, 16];

/** GetStatus again and again over one connection: the least that a call costs. */
export async function benchCalls(place: Place, quick: boolean): Promise<void> {
  const calls = quick ? 300 : measuredCalls;
  for (const protocol of [...rpcWires, ...restWires]) {
    for (const inFlight of callsInFlight) {
      await using reader = await openReader(place, protocol, `calls-${inFlight}`);
      await callTimes(reader.getStatus, warmCalls, inFlight);
      const began = performance.now();
      const taken = await callTimes(reader.getStatus, calls, inFlight);
      const seconds = (performance.now() - began) / 1_000;
      report('api calls', {
        ...{ protocol, inFlight, callsPerSecond: Math.round(calls / seconds) },
        ...{ p50Us: Math.round(quantile(taken, 0.5)), p99Us: Math.round(quantile(taken, 0.99)) },
      });
    }
  }
}

/** Microseconds of each call. */
async function callTimes(call: () => Promise<void>, count: number, inFlight: number): Promise<number[]> {
  const taken: number[] = [];
  let begun = 0;
  const loop = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const start = performance.now();
      await call();
      taken.push((performance.now() - start) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  return taken;
}
