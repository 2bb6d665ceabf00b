import { systemClock } from '../src/base/clock.ts';
import { createRandom } from '../src/base/random.ts';
import type { SmoothingPolicy } from '../src/domain/policy.ts';
import { defaultPolicy } from '../src/domain/policy-defaults.ts';
import type { LoadBatch, ReplicaSet } from '../src/domain/telemetry-sample.ts';
import { createFleetTelemetry } from '../src/telemetry/fleet-telemetry.ts';

/**
 * How fast telemetry takes samples and freezes snapshots: 1 000 000 replicas (or as many as the first argument says) on
 * 10 000 nodes in 3 dimensions. Prints one JSON object per line.
 */
const replicaTotal = Number(process.argv[2] ?? 1_000_000);
const perShard = 3;
const nodeTotal = 10_000;
const rowsPerBatch = 5_000;
const dimensions = ['cpu', 'memory', 'requests'].map((name) => ({ name, unit: '1' }));
const bars = { ingestPerSecond: 200_000, freezeMs: 200 };

const random = createRandom(1);
const nodes = Array.from({ length: nodeTotal }, (_, n) => `n${String(n).padStart(5, '0')}`);
const shardTotal = Math.ceil(replicaTotal / perShard);
const ids = Array.from({ length: shardTotal }, (_, s) => `s${String(s).padStart(7, '0')}`);

function setOf(s: number, version: number): ReplicaSet {
  return {
    namespace: 'bench',
    shard: ids[s] ?? '',
    version,
    status: 'active',
    group: '',
    updatedAt: version,
    replicas: Array.from({ length: perShard }, (_, number) => ({
      number,
      node: nodes[(s * 7 + number * 3_331 + version) % nodeTotal] ?? '',
      leads: number === 0,
      bytes: 1e9,
    })),
  };
}

/** Batches that cover every replica once, in an order that is not ours. */
function round(observedAt: number): LoadBatch[] {
  const batches: LoadBatch[] = [];
  const stride = 7_919;
  const total = shardTotal * perShard;
  for (let first = 0; first < total; first += rowsPerBatch) {
    const count = Math.min(rowsPerBatch, total - first);
    const rows = Array.from({ length: count }, (_, i) => ((first + i) * stride) % total);
    batches.push({
      namespace: 'bench',
      observedAt,
      dimensions,
      shards: rows.map((row) => ids[Math.floor(row / perShard)] ?? ''),
      replicas: Int32Array.from(rows, (row) => row % perShard),
      loads: Float64Array.from({ length: count * dimensions.length }, () => random.next()),
    });
  }
  return batches;
}

function timed<T>(action: () => T): { ms: number; value: T } {
  const start = systemClock.monotonic();
  const value = action();
  return { ms: systemClock.monotonic() - start, value };
}

function print(line: Record<string, unknown>): void {
  console.log(JSON.stringify(line));
}

for (const smoothing of [
  { kind: 'ewma', halfLifeMs: 60_000 },
  { kind: 'percentile', percentile: 95, windowMs: 300_000 },
] satisfies SmoothingPolicy[]) {
  const telemetry = createFleetTelemetry({ cluster: 'bench', namespace: 'bench', clock: systemClock });
  const base = defaultPolicy('bench', 'bench');
  const policy = {
    ...base,
    dimensions: dimensions.map(({ name }) => {
      return { name, weight: 1, targetUtilization: 0.8, hardLimit: 1, transient: false, smoothing };
    }),
  };
  telemetry.usePolicy(policy);
  const now = systemClock.now();
  telemetry.acceptPeers(
    nodes.map((node, n) => {
      const capacity = { cpu: 100, memory: 100, requests: 100 };
      const place = { region: 'r1', zone: `z${n % 3}`, rack: `k${n % 100}`, labels: {} };
      return {
        node,
        ...place,
        weight: 1,
        status: 'alive',
        capacity,
        target: {},
        signals: {},
        sequence: 1,
        observedAt: now,
      };
    }),
  );
  const listing = timed(() => {
    telemetry.beginShardListing();
    for (let first = 0; first < shardTotal; first += 1_000) {
      const shards = ids.slice(first, first + 1_000).map((_, i) => setOf(first + i, 1));
      telemetry.acceptShardPage({ position: 1, shards });
    }
    telemetry.endShardListing();
  });
  print({ name: 'list', smoothing: smoothing.kind, shards: shardTotal, ms: Math.round(listing.ms) });

  for (let sample = 0; sample < 3; sample++) {
    const batches = round(now - 3_000 + sample * 1_000);
    const taken = timed(() => {
      for (const batch of batches) telemetry.acceptLoads(batch);
    });
    const perSecond = Math.round((shardTotal * perShard * 1_000) / taken.ms);
    print({
      name: 'ingest',
      smoothing: smoothing.kind,
      samplesPerSecond: perSecond,
      bar: bars.ingestPerSecond,
    });
  }
  for (let run = 0; run < 4; run++) {
    const frozen = timed(() => telemetry.freeze(policy, new Map()));
    if (!frozen.value.ok) throw new Error(JSON.stringify(frozen.value.error));
    const replicas = frozen.value.value.shards.replicaNodes.length;
    print({
      name: 'freeze',
      smoothing: smoothing.kind,
      run,
      replicas,
      ms: Math.round(frozen.ms),
      bar: bars.freezeMs,
    });
    // A hundredth of the shards moves between two snapshots.
    for (let s = 0; s < shardTotal; s += 100) {
      telemetry.acceptShardChange({ position: 2, removed: false, current: setOf(s, run + 2) });
    }
  }
  print({
    name: 'memory',
    smoothing: smoothing.kind,
    rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  });
}
