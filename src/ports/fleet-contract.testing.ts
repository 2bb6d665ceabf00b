import type { ShardMover } from './shard-mover.ts';
import type { ShardRegistry } from './shard-registry.ts';
import type { BackpressureSource, LoadSource, PeerSource } from './telemetry-sources.ts';

/** A fleet behind the ports, as the contract suites use it: small, calm, with every node alive. */
export interface FleetWorld {
  readonly registry: ShardRegistry;
  readonly mover: ShardMover;
  readonly loads: LoadSource;
  readonly peers: PeerSource;
  readonly backpressure: BackpressureSource;
  readonly namespace: string;
  /** Ids of all nodes. */
  readonly nodes: readonly string[];
  /** Number of all shards; more than one page of the fleet under test. */
  readonly shards: number;
  /** Lets time pass until the promise settles. */
  until<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type OpenFleet = () => Promise<FleetWorld>;

/** Opens a fleet for one test and closes it whatever happens. */
export async function withFleet(
  open: OpenFleet,
  body: (fleet: FleetWorld, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const fleet = await open();
  const stop = new AbortController();
  try {
    await fleet.until(body(fleet, stop.signal));
  } finally {
    stop.abort();
    await fleet.until(fleet.close());
  }
}

/** The first items of a stream, which is then left. */
export async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  if (count === 0) return items;
  for await (const item of stream) if (items.push(item) >= count) break;
  return items;
}

/** The code of the `ProblemError` that reading the stream throws; what else happens is told in words. */
export async function codeThrownBy(stream: AsyncIterable<unknown>): Promise<string> {
  try {
    for await (const _ of stream);
  } catch (error) {
    const problems = (error as { readonly problems?: readonly { readonly code: string }[] }).problems;
    return problems?.[0]?.code ?? `no problem: ${String(error)}`;
  }
  return 'ended';
}
