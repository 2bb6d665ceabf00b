import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createGrpcShardMover } from '../adapters/meshkit-mover/grpc-shard-mover.ts';
import { describePlannerModules } from '../adapters/planner-worker/check-modules.ts';
import { createWorkerPlanner } from '../adapters/planner-worker/worker-planner.ts';
import { loadScoringModules } from '../adapters/scoring-modules/load-scoring-modules.ts';
import { keepHouse } from '../adapters/store-sqlite/housekeeping.ts';
import { openSqliteStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import { createHttpWebhookSender } from '../adapters/webhook/http-webhook-sender.ts';
import type { Log } from '../base/log.ts';
import type { CliContext, ServeOptions } from '../cli/cli-context.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import { expectOk, type Problem, ProblemError } from '../domain/problem.ts';
import { expectFile } from '../wire/expect-file.ts';
import { createFleetChannel, type FleetChannel } from '../wire/fleet-channel/fleet-channel.ts';
import { type Config, type ConfigInput, parseConfigFile, resolveConfig } from './config.ts';
import { builtInScoringNames, createRebalancer, type RebalancerParts } from './create-rebalancer.ts';
import { createJsonLog } from './json-log.ts';
import { openServiceFace, type ServiceFace } from './service-face.ts';
import { createTelemetrySources, type TelemetrySources } from './telemetry-sources.ts';

/**
 * Runs the service until the context's signal aborts. What was opened is closed in the opposite order, also when
 * something in between cannot be opened.
 *
 * @returns the exit code
 * @throws ProblemError for what keeps it from running: CONFIG_INVALID, DATA_DIRECTORY_*, LISTEN_*,
 * SCORING_MODULE_INVALID, PLANNER_MODULE_INVALID
 */
export async function serve(options: ServeOptions, context: CliContext): Promise<number> {
  const config = await readConfig(options, context);
  const log = createJsonLog(context.clock, config.logLevel, (line) => context.terminal.error(line));
  await using open = new AsyncDisposableStack();
  const parts = await openParts(config, context, log, open);
  const rebalancer = createRebalancer(parts);
  // A stopping service first ends its work and then the connections over which that can be watched.
  const face = await openServiceFace({ config, context, log, parts, rebalancer, open });
  const { listener } = face;
  await rebalancer.start();
  open.defer(() => rebalancer.stop());
  context.terminal.out(`${JSON.stringify(readyLine(config, face))}\n`);
  log.info('the rebalancer is ready', {
    url: listener.url,
    cluster: config.cluster,
    dataDir: config.dataDir,
  });
  await aborted(context.signal);
  log.info('the rebalancer is stopping');
  return exitCodes.done;
}

async function readConfig(options: ServeOptions, context: CliContext): Promise<Config> {
  const { config: file, namespace, scoringModule, plannerModule, ...flags } = options;
  let input: ConfigInput = {};
  if (file !== undefined) {
    input = expectFile(file, parseConfigFile(new TextDecoder().decode(await context.readFile(file))));
    const { folder } = context;
    const beside = dirname(resolve(folder, file));
    for (const field of ['scoringModules', 'plannerModules'] as const) {
      const modules = input[field];
      if (Array.isArray(modules))
        input = { ...input, [field]: modules.map((each) => resolve(beside, String(each))) };
    }
  }
  const merged: ConfigInput = {
    ...input,
    ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
    ...(namespace ? { namespaces: namespace } : {}),
    ...(scoringModule ? { scoringModules: scoringModule } : {}),
    ...(plannerModule ? { plannerModules: plannerModule } : {}),
  };
  return expectOk(resolveConfig(merged, context.folder));
}

async function openParts(
  config: Config,
  context: CliContext,
  log: Log,
  open: AsyncDisposableStack,
): Promise<RebalancerParts & TelemetrySources> {
  const { clock, random } = context;
  const scoringAdapters = expectOk(
    await loadScoringModules(config.scoringModules, context.folder, builtInScoringNames),
  );
  const plannerExtensions = expectOk(await describePlannerModules(config.plannerModules, context.folder));
  const opened = await openSqliteStore({
    path: config.dataDir,
    clock,
    retention: { events: config.retainedEvents },
  });
  if (!opened.ok) throw new ProblemError(opened.error);
  const store = opened.value;
  open.defer(() => store.close());
  const closing = new AbortController();
  const kept = keepHouse({ store, clock, log, signal: closing.signal });
  open.defer(async () => {
    closing.abort();
    await kept;
  });
  const planner = createWorkerPlanner({ modules: config.plannerModules });
  open.defer(() => planner.close());
  const channels = new Map<string, FleetChannel>();
  open.defer(() => {
    for (const channel of channels.values()) channel.close();
  });
  const channelTo = (address: string): FleetChannel => {
    const channel = channels.get(address) ?? createFleetChannel(address);
    channels.set(address, channel);
    return channel;
  };
  const onUnreadable = (problem: Problem): void =>
    log.warn('a sample of the fleet is unreadable', { message: problem.message });
  return {
    cluster: config.cluster,
    namespaces: config.namespaces,
    store,
    planner,
    ...createTelemetrySources(config, clock, channelTo, onUnreadable),
    mover: createGrpcShardMover(channelTo(config.endpoints.mover)),
    webhooks: {
      list: config.webhooks.map(({ webhook }) => webhook),
      sender: createHttpWebhookSender({
        endpoints: config.webhooks.map(({ endpoint }) => endpoint),
        clock,
        version: context.version,
      }),
    },
    clock,
    random,
    log,
    owner: `${hostname()}/${process.pid}/${randomUUID()}`,
    scoringAdapters,
    plannerExtensions,
  };
}

function readyLine(config: Config, { listener, dev }: ServiceFace): Record<string, unknown> {
  return {
    ready: true,
    url: listener.url,
    http3: listener.http3,
    ...(dev
      ? { ca: dev.files.ca, tokens: dev.files.tokens, config: join(config.dataDir, 'dev', 'config.yaml') }
      : {}),
    cluster: config.cluster,
    namespaces: config.namespaces,
    dataDir: config.dataDir,
    pid: process.pid,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
