import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { listenAddressForm, parseListenAddress } from '../transport/listen-address.ts';
import type { FleetBehaviour, FleetBlueprint } from './fleet-blueprint.ts';
import { createFleetFaults } from './fleet-faults.ts';
import { startFleetServer } from './fleet-server.ts';
import { fleetFromRoadef } from './from-roadef.ts';
import { fleetFromSnapshot } from './from-snapshot.ts';
import { generateFleet, type LoadProfile, loadProfiles } from './generator.ts';
import { outOfRange } from './out-of-range.ts';
import { type RoadefFile, readRoadefInstance } from './roadef-instance.ts';
import { createSimulatedFleet, type SimulatedFleet } from './simulated-fleet.ts';

/** What `mesh fleet simulate` is told. */
export interface RunFleetOptions {
  /** `127.0.0.1:7400`, `localhost:0` for any free port; loopback only, because there is neither TLS nor a credential. */
  readonly listen: string;
  readonly seed: number | string;
  readonly cluster: string;
  readonly namespace: string;
  readonly source: FleetSource;
  /** How many times faster than the clock the fleet lives, greater than 0 up to 10,000. */
  readonly timeScale: number;
  readonly behaviour?: Partial<FleetBehaviour>;
  readonly clock: Clock;
  readonly log: Log;
}

export type FleetSource =
  | {
      readonly kind: 'generator';
      readonly nodes: number;
      readonly zones: number;
      readonly regions: number;
      readonly shards: number;
      readonly replicas: number;
      readonly profile: LoadProfile;
      readonly peakToMean: number;
    }
  /** Cluster and namespace are the snapshot's own. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'roadef'; readonly model: RoadefFile; readonly assignment: RoadefFile };

export interface RunningFleet {
  readonly url: string;
  readonly fleet: SimulatedFleet;
  /** Resolves when the fleet has stopped, by `stop` or because somebody asked it by RPC. */
  readonly stopped: Promise<void>;
  stop(): void;
}

const maxTimeScale = 10_000;
const maxNodes = 20_000;
const maxReplicas = 2_000_000;

/**
 * Makes a fleet and serves it. Problems: FIELD_INVALID, FIELDS_CONTRADICT, INPUT_MALFORMED (with the token's
 * position), LISTEN_INSECURE, LISTEN_FAILED.
 */
export async function runFleet(options: RunFleetOptions): Promise<Result<RunningFleet, Problem>> {
  const address = parseListenAddress(options.listen);
  if (!address) return err(outOfRange('listen', options.listen, listenAddressForm));
  if (!(options.timeScale > 0 && options.timeScale <= maxTimeScale)) {
    return err(outOfRange('timeScale', options.timeScale, `greater than 0, at most ${maxTimeScale}`));
  }
  const blueprint = blueprintOf(options);
  if (!blueprint.ok) return blueprint;

  const { clock, log, timeScale } = options;
  const random = createRandom(options.seed);
  const fleet = createSimulatedFleet({ blueprint: blueprint.value, clock, random, timeScale });
  let stop: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const faults = createFleetFaults(random.fork('faults'));
  const server = await startFleetServer({
    ...address,
    fleet,
    faults,
    clock,
    log,
    onShutdown: () => stop(),
  });
  if (!server.ok) return server;
  const { nodes, shards } = blueprint.value;
  log.info('fleet started', { url: server.value.url, nodes: nodes.length, shards: shards.ids.length });
  const stopped = asked.then(() => server.value.close()).then(() => log.info('fleet stopped'));
  return ok({ url: server.value.url, fleet, stopped, stop });
}

function blueprintOf(options: RunFleetOptions): Result<FleetBlueprint, Problem> {
  const { source, seed, cluster, namespace } = options;
  switch (source.kind) {
    case 'generator': {
      const problem = generatorProblem(source);
      if (problem) return err(problem);
      const behaviour = options.behaviour ?? {};
      return ok(generateFleet({ ...source, seed, cluster, namespace, behaviour }));
    }
    case 'snapshot':
      return ok(fleetFromSnapshot(source.snapshot, options.behaviour));
    case 'roadef': {
      const instance = readRoadefInstance(source.model, source.assignment);
      if (!instance.ok) return instance;
      return fleetFromRoadef(instance.value.model, instance.value.assignment, { cluster, namespace });
    }
  }
}

function generatorProblem(source: Extract<FleetSource, { kind: 'generator' }>): Problem | undefined {
  const counts = { nodes: maxNodes, zones: source.nodes, regions: source.zones, shards: maxReplicas };
  for (const [field, most] of Object.entries(counts)) {
    const value = source[field as keyof typeof counts];
    if (!(Number.isInteger(value) && value >= 1 && value <= most))
      return outOfRange(field, value, `1..${most}`);
  }
  if (!(Number.isInteger(source.replicas) && source.replicas >= 1)) {
    return outOfRange('replicas', source.replicas, 'at least 1');
  }
  if (source.replicas > source.nodes) {
    const message = `${source.replicas} replicas of a shard do not fit on ${source.nodes} nodes`;
    return {
      code: 'FIELDS_CONTRADICT',
      message,
      field: 'replicas',
      value: source.replicas,
      limit: source.nodes,
    };
  }
  if (source.shards * source.replicas > maxReplicas) {
    return outOfRange('shards', source.shards, `at most ${maxReplicas} replicas in all`);
  }
  if (!loadProfiles.includes(source.profile)) {
    return outOfRange('profile', source.profile, loadProfiles.join(', '));
  }
  const most = source.nodes;
  if (!(source.peakToMean >= 1 && source.peakToMean <= most)) {
    return outOfRange('peakToMean', source.peakToMean, `1..${most}`);
  }
  return undefined;
}
