import { join } from 'node:path';
import { createDevIdentity, type DevIdentity } from '../adapters/identity-dev/dev-identity.ts';
import type { ApiDeps } from '../api/api-deps.ts';
import { createApiHandler } from '../api/api-handler.ts';
import { createDenialRecorder } from '../api/denial.ts';
import { createRateLimiter } from '../api/rate-limiter.ts';
import type { Log } from '../base/log.ts';
import type { CliContext } from '../cli/cli-context.ts';
import type { Rebalancer } from '../controller/rebalancer.ts';
import { expectOk, ProblemError } from '../domain/problem.ts';
import { type Listener, listen } from '../transport/listener.ts';
import { checkAuthorities } from '../transport/tls-identity.ts';
import { openTlsSource, type TlsSource } from '../transport/tls-source.ts';
import { createTransportStats } from '../transport/transport-stats.ts';
import type { Config } from './config.ts';
import type { RebalancerParts } from './create-rebalancer.ts';
import { createIdentity } from './identity.ts';
import { refuseInsecure } from './refuse-insecure.ts';
import type { TelemetrySources } from './telemetry-sources.ts';

/** What the service shows to the world. */
export interface ServiceFace {
  readonly listener: Listener;
  /** With `--dev` only. */
  readonly dev?: DevIdentity;
}

export interface FaceParts {
  readonly config: Config;
  readonly context: CliContext;
  readonly log: Log;
  readonly parts: RebalancerParts & Pick<TelemetrySources, 'intake'>;
  readonly rebalancer: Rebalancer;
  /** What is opened is closed through it, in the opposite order. */
  readonly open: AsyncDisposableStack;
}

/**
 * Opens the port: who may ask, by which certificate, over which protocols. Throws `ProblemError`: LISTEN_INSECURE,
 * LISTEN_FAILED, TLS_CERTIFICATE_INVALID, FILE_UNREADABLE, CONFIG_INVALID, DEV_CREDENTIALS_DAMAGED.
 */
export async function openServiceFace(face: FaceParts): Promise<ServiceFace> {
  const { config, context, log, open } = face;
  const refusal = refuseInsecure(config);
  if (refusal) throw new ProblemError(refusal);
  const dev = config.dev ? await openDevIdentity(face) : undefined;
  const identity = expectOk(
    await createIdentity({
      auth: config.auth,
      ...(dev ? { dev } : {}),
      clock: context.clock,
      random: context.random,
      log,
    }),
  );
  open.defer(() => identity.close());
  const tls = await openTls(face, dev);
  open.defer(() => tls.close());
  const deps = apiDeps(face, identity.authenticator, () =>
    listener?.http3 ? ['h3', 'h2', 'h1'] : ['h2', 'h1'],
  );
  open.defer(() => deps.denials.flush());
  const authorities = await clientAuthorities(face, dev);
  let listener: Listener | undefined;
  const listening = await listen({
    host: config.host,
    port: config.port,
    tls,
    ...(config.tls ? { minTlsVersion: config.tls.minVersion } : {}),
    http3: config.http3,
    limits: config.limits.listener,
    ...(authorities ? { clientCa: authorities } : {}),
    createHandler: (shutdown) => createApiHandler(deps, shutdown),
    clock: context.clock,
    log,
  });
  if (!listening.ok) throw new ProblemError(listening.error);
  listener = listening.value;
  open.defer(() => listening.value.close());
  if (!dev) return { listener };
  const profiles = dev.writeProfiles(listener.url);
  if (!profiles.ok) throw new ProblemError(profiles.error);
  return { listener, dev };
}

async function openDevIdentity({ config, context }: FaceParts): Promise<DevIdentity> {
  const dev = await createDevIdentity({ folder: join(config.dataDir, 'dev'), clock: context.clock });
  if (!dev.ok) throw new ProblemError(dev.error);
  return dev.value;
}

async function openTls(
  { config, context, log }: FaceParts,
  dev: DevIdentity | undefined,
): Promise<TlsSource> {
  const files = config.tls ?? (dev && { certificate: dev.files.serverCertificate, key: dev.files.serverKey });
  if (!files) throw new Error('an address without TLS was not refused');
  const source = await openTlsSource({ ...files, log, clock: context.clock });
  if (!source.ok) throw new ProblemError(source.error);
  return source.value;
}

/** Certificates are asked for where somebody's could be believed. PEM; empty where nobody's could. */
async function clientAuthorities(
  { config, context }: FaceParts,
  dev: DevIdentity | undefined,
): Promise<string> {
  const paths = [config.tls?.clientCa, dev?.files.ca].filter((path) => path !== undefined);
  const texts: string[] = [];
  for (const path of paths) {
    const authorities = checkAuthorities(new TextDecoder().decode(await context.readFile(path)), path);
    if (!authorities.ok) throw new ProblemError(authorities.error);
    texts.push(authorities.value);
  }
  return texts.join('\n');
}

function apiDeps(
  { config, context, log, parts, rebalancer }: FaceParts,
  authenticator: ApiDeps['authenticator'],
  transports: ApiDeps['transports'],
): ApiDeps {
  const { clock, version } = context;
  return {
    rebalancer,
    authenticator,
    denials: createDenialRecorder({ store: parts.store, clock, log, cluster: config.cluster }),
    rateLimiter: createRateLimiter(config.limits.rate, clock),
    telemetry: parts.intake,
    clock,
    log,
    cluster: config.cluster,
    stats: createTransportStats(clock),
    transports,
    version,
  };
}
