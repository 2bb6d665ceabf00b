import type { BatchOrigin, PushedSamples, TelemetryIntake } from '../../ports/telemetry-intake.ts';
import type { FleetPorts } from '../../simulator/in-process-ports.ts';

/** Pushes everything that a fleet's ports tell, as an agent beside it would; ends when the signal aborts. */
export async function pushFleet(
  ports: FleetPorts,
  namespace: string,
  intake: TelemetryIntake,
  signal: AbortSignal,
): Promise<void> {
  const sequences = new Map<string, number>();

  async function push(samples: PushedSamples): Promise<void> {
    const sequence = (sequences.get(samples.kind) ?? 0) + 1;
    sequences.set(samples.kind, sequence);
    const origin: BatchOrigin = { principal: 'agent', source: 'agent', incarnation: 1, sequence };
    const taken = await intake.push({ origin, samples, unreadable: 0 }, signal);
    if (!taken.ok && !signal.aborted) throw new Error(taken.error.problem.message);
  }

  async function shards(): Promise<void> {
    let position = 0;
    const part = { firstSequence: 1, lastSequence: 0 };
    const kind = 'shards' as const;
    for await (const page of ports.registry.list(namespace, signal)) {
      position = page.position;
      await push({ kind, namespace, shards: page.shards, removed: [], listing: part });
    }
    const lastSequence = (sequences.get(kind) ?? 0) + 1;
    await push({ kind, namespace, shards: [], removed: [], listing: { ...part, lastSequence } });
    for await (const { current, removed } of ports.registry.watch(namespace, position, signal)) {
      await push({ kind, namespace, shards: removed ? [] : [current], removed: removed ? [current] : [] });
    }
  }

  async function loads(): Promise<void> {
    for await (const batch of ports.loads.watch(namespace, signal)) {
      await push({ kind: 'loads', namespace, loads: batch });
    }
  }

  async function peers(): Promise<void> {
    for await (const samples of ports.peers.watch(signal)) await push({ kind: 'peers', peers: samples });
  }

  async function queues(): Promise<void> {
    for await (const samples of ports.backpressure.watch(signal)) {
      await push({ kind: 'backpressure', queues: samples });
    }
  }

  await Promise.all([shards(), loads(), peers(), queues()]);
}
