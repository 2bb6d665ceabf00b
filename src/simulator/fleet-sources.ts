import { err, ok } from '../base/result.ts';
import type { NodeStatus } from '../domain/node.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import type { BackpressureSample, LoadBatch, PeerSample } from '../domain/telemetry-sample.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import type { BackpressureSource, LoadSource, PeerSource } from '../ports/telemetry-sources.ts';
import type { FleetFaults } from './fleet-faults.ts';
import type { RegistryChange } from './fleet-registry.ts';
import { highWatermark, lowWatermark, queueName } from './fleet-signals.ts';
import { isAlive } from './fleet-state.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

/** Rows, samples and shards in one batch or page. */
export const maxRowsPerBatch = 5_000;
export const maxSamplesPerBatch = 500;
export const maxShardsPerPage = 1_000;

/** The registry of the fleet. A watch that ends with its signal ends in order. */
export function createFleetShardRegistry(fleet: SimulatedFleet): ShardRegistry {
  const { registry, blueprint } = fleet;

  return {
    async *list(namespace, signal) {
      checkNamespace(fleet, namespace);
      fleet.refresh();
      const position = registry.head();
      for (let first = 0; first < registry.size && !signal.aborted; first += maxShardsPerPage) {
        const end = Math.min(registry.size, first + maxShardsPerPage);
        const shards = [];
        for (let shard = first; shard < end; shard++) shards.push(registry.replicaSet(shard));
        yield { shards, position };
      }
    },
    async *watch(namespace, position, signal) {
      checkNamespace(fleet, namespace);
      for await (const changes of watchRegistry(fleet, position, signal)) {
        for (const { position, current, removed } of changes) yield { position, current, removed };
      }
    },
    async get(namespace, shard) {
      fleet.refresh();
      const index = namespace === blueprint.namespace ? fleet.state.shardIndex.get(shard) : undefined;
      if (index !== undefined) return ok(registry.replicaSet(index));
      return err({
        code: 'SHARD_NOT_FOUND',
        message: `the fleet has no shard ${shard} in ${namespace}`,
        subject: `shard/${shard}`,
      });
    },
  };
}

/**
 * The changes after the position, as they come, until the signal aborts; an empty batch after every gossip round
 * without any. Throws RESUME_TOKEN_INVALID as `changesAfter` answers it.
 */
export async function* watchRegistry(
  fleet: SimulatedFleet,
  position: number,
  signal: AbortSignal,
): AsyncGenerator<readonly RegistryChange[]> {
  let seen = position;
  while (!signal.aborted) {
    fleet.refresh();
    const changes = fleet.registry.changesAfter(seen, maxShardsPerPage);
    if (!changes.ok) throw new ProblemError(changes.error);
    seen = changes.value.at(-1)?.position ?? seen;
    yield changes.value;
    if (seen === fleet.registry.head()) await nextChange(fleet, signal);
  }
}

/** Waits for a change, at most as long as a gossip round: a death is noticed by looking. */
async function nextChange(fleet: SimulatedFleet, signal: AbortSignal): Promise<void> {
  const wake = new AbortController();
  const stop = (): void => wake.abort();
  const unsubscribe = fleet.registry.onChange(stop);
  signal.addEventListener('abort', stop, { once: true });
  if (!signal.aborted) await fleet.time.clock.sleep(fleet.blueprint.behaviour.gossipIntervalMs, wake.signal);
  signal.removeEventListener('abort', stop);
  unsubscribe();
}

/** A full round of loads at once, then one each interval. Replicas on dead nodes are not measured. */
export function createFleetLoadSource(fleet: SimulatedFleet, faults: FleetFaults): LoadSource {
  return {
    async *watch(namespace, signal) {
      checkNamespace(fleet, namespace);
      const disturb = createDisturbance<LoadBatch>(faults);
      while (!signal.aborted) {
        fleet.refresh();
        yield* disturb(loadRound(fleet), signal);
        await fleet.time.clock.sleep(fleet.blueprint.behaviour.loadIntervalMs, signal);
      }
    },
  };
}

function* loadRound(fleet: SimulatedFleet): Iterable<LoadBatch> {
  const { blueprint, state, loads } = fleet;
  const dims = blueprint.dimensions.length;
  const dimensions = blueprint.dimensions.map((each) => ({ name: each.name, unit: each.unit }));
  const observedAt = fleet.time.stamp();
  const total = state.replicaNodes.length;
  for (let first = 0; first < total; first += maxRowsPerBatch) {
    const rows: number[] = [];
    for (let row = first; row < Math.min(total, first + maxRowsPerBatch); row++) {
      if (isAlive(state, state.replicaNodes[row] ?? 0)) rows.push(row);
    }
    const values = new Float64Array(rows.length * dims);
    rows.forEach((row, at) => {
      for (let d = 0; d < dims; d++) values[at * dims + d] = loads.ofReplica(row, d);
    });
    yield {
      namespace: blueprint.namespace,
      observedAt,
      dimensions,
      shards: rows.map((row) => blueprint.shards.ids[state.replicaShards[row] ?? 0] ?? ''),
      replicas: Int32Array.from(rows, (row) => blueprint.shards.replicaNumbers[row] ?? 0),
      loads: values,
    };
  }
}

/** Every peer at once, then each again with every gossip round. */
export function createFleetPeerSource(fleet: SimulatedFleet, faults: FleetFaults): PeerSource {
  // A fleet that was started anew goes on above the one before, or its samples would be taken for old ones.
  let sequence = Math.trunc(fleet.time.stamp());
  return {
    async *watch(signal) {
      const disturb = createDisturbance<readonly PeerSample[]>(faults);
      while (!signal.aborted) {
        fleet.refresh();
        sequence++;
        yield* disturb(peerRound(fleet, faults, sequence), signal);
        await fleet.time.clock.sleep(fleet.blueprint.behaviour.gossipIntervalMs, signal);
      }
    },
  };
}

function* peerRound(
  fleet: SimulatedFleet,
  faults: FleetFaults,
  sequence: number,
): Iterable<readonly PeerSample[]> {
  const nodes = fleet.blueprint.nodes;
  for (let first = 0; first < nodes.length; first += maxSamplesPerBatch) {
    const batch: PeerSample[] = [];
    for (let index = first; index < Math.min(nodes.length, first + maxSamplesPerBatch); index++) {
      batch.push(peerOf(fleet, faults, index, sequence));
    }
    yield batch;
  }
}

function peerOf(fleet: SimulatedFleet, faults: FleetFaults, index: number, sequence: number): PeerSample {
  const node = fleet.blueprint.nodes[index];
  if (!node) throw new RangeError(`the fleet has no node ${index}`);
  const named = (values: readonly number[]): Record<string, number> =>
    Object.fromEntries(fleet.blueprint.dimensions.map((each, d) => [each.name, values[d] ?? 0]));
  return {
    node: node.id,
    region: node.region,
    zone: node.zone,
    rack: node.rack,
    labels: node.labels,
    weight: node.weight,
    status: statusOf(fleet, index),
    capacity: named(node.capacity),
    target: node.target ? named(node.target) : {},
    signals: isAlive(fleet.state, index) ? fleet.signals.of(index) : {},
    sequence,
    observedAt: fleet.time.stamp() + faults.skewOf(node.id),
  };
}

/** A dead node is taken for alive, then suspected, then known to be dead. */
function statusOf(fleet: SimulatedFleet, index: number): NodeStatus {
  if (fleet.blueprint.nodes[index]?.status === 'left') return 'left';
  if (isAlive(fleet.state, index)) return 'alive';
  const downMs = fleet.time.now() - (fleet.state.downSince[index] ?? 0);
  const { suspectAfterMs, deadAfterMs } = fleet.blueprint.behaviour;
  return downMs >= deadAfterMs ? 'dead' : downMs >= suspectAfterMs ? 'suspect' : 'alive';
}

/** Every queue at once, then each again with every interval. Dead nodes' queues are silent. */
export function createFleetBackpressureSource(
  fleet: SimulatedFleet,
  faults: FleetFaults,
): BackpressureSource {
  return {
    async *watch(signal) {
      const disturb = createDisturbance<readonly BackpressureSample[]>(faults);
      while (!signal.aborted) {
        fleet.refresh();
        yield* disturb(backpressureRound(fleet, faults), signal);
        await fleet.time.clock.sleep(fleet.blueprint.behaviour.backpressureIntervalMs, signal);
      }
    },
  };
}

function* backpressureRound(
  fleet: SimulatedFleet,
  faults: FleetFaults,
): Iterable<readonly BackpressureSample[]> {
  const { nodes } = fleet.blueprint;
  for (let first = 0; first < nodes.length; first += maxSamplesPerBatch) {
    const batch: BackpressureSample[] = [];
    for (let index = first; index < Math.min(nodes.length, first + maxSamplesPerBatch); index++) {
      if (!isAlive(fleet.state, index)) continue;
      const node = nodes[index]?.id ?? '';
      batch.push({
        node,
        queue: queueName,
        isActive: fleet.signals.backpressure(index),
        pendingCount: fleet.signals.pending(index),
        highWatermark,
        lowWatermark,
        observedAt: fleet.time.stamp() + faults.skewOf(node),
      });
    }
    yield batch;
  }
}

/** Repeats some batches of one stream and delivers some after the one that follows them, also in the next round. */
function createDisturbance<T>(
  faults: FleetFaults,
): (batches: Iterable<T>, signal: AbortSignal) => Iterable<T> {
  const late: T[] = [];
  return function* disturb(batches, signal) {
    for (const batch of batches) {
      if (signal.aborted) return;
      if (late.length === 0 && faults.hits(faults.settings().lateSampleShare)) {
        late.push(batch);
        continue;
      }
      yield batch;
      if (faults.hits(faults.settings().repeatSampleShare)) yield batch;
      yield* late.splice(0);
    }
  };
}

function checkNamespace(fleet: SimulatedFleet, namespace: string): void {
  const problem = namespaceProblem(fleet, namespace);
  if (problem) throw new ProblemError(problem);
}

/** NAMESPACE_NOT_FOUND when the fleet does not run the namespace. */
export function namespaceProblem(fleet: SimulatedFleet, namespace: string): Problem | undefined {
  if (namespace === fleet.blueprint.namespace) return undefined;
  return {
    code: 'NAMESPACE_NOT_FOUND',
    message: `the fleet runs the namespace ${fleet.blueprint.namespace}, not ${namespace}`,
    value: namespace,
    limit: fleet.blueprint.namespace,
  };
}
