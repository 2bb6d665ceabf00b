import { Code, ConnectError, createRouterTransport, type Transport } from '@connectrpc/connect';
import { actingPrincipal } from '../adapters/identity-dev/acting-principal.ts';
import { createPushHub } from '../adapters/telemetry-push/push-hub.ts';
import { type Log, silentLog } from '../base/log.ts';
import { type Bench, type BenchOptions, createBench, namespace } from '../controller/rebalancer.testing.ts';
import { type Grant, grantEach, type NamespaceLimit, type Scope, scopes } from '../domain/principal.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import { createTransportStats } from '../transport/transport-stats.ts';
import type { ApiDeps } from './api-deps.ts';
import { createDenialRecorder } from './denial.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { createRoutes } from './routes.ts';

/** The whole service without a socket: a simulated fleet, the core, the API and a client's transport. */
export interface ApiBench extends Bench {
  transport(deps?: Partial<ApiDeps>): Transport;
  /** What services are made of. */
  deps(changes?: Partial<ApiDeps>): ApiDeps;
}

export async function createApiBench(options: BenchOptions = {}): Promise<ApiBench> {
  const bench = await createBench(options);
  const stats = createTransportStats(bench.clock);
  const deps = (changes: Partial<ApiDeps> = {}): ApiDeps => ({
    rebalancer: bench.core(),
    authenticator: everybodyTheyName,
    denials: createDenialRecorder({ store: bench.store, clock: bench.clock, log: silentLog, cluster: 'c1' }),
    rateLimiter: createRateLimiter({ perSecond: 1_000, burst: 10_000 }, bench.clock),
    telemetry: createPushHub({ namespaces: [namespace], clock: bench.clock }),
    clock: bench.clock,
    log: silentLog,
    cluster: 'c1',
    stats,
    transports: () => ['h3', 'h2', 'h1'],
    version: '1.2.3',
    ...changes,
  });
  return {
    ...bench,
    deps,
    transport: (changes) => createRouterTransport(createRoutes(deps(changes))),
  };
}

/** Everybody is whom the header `x-meshkit-principal` names, and may do everything. */
export const everybodyTheyName: Authenticator = {
  authenticate: async ({ headers }) =>
    actingPrincipal({ id: 'dev', groups: [], grants: grantEach(scopes) }, headers),
};

/** Everybody is the same principal. */
export function everybodyIs(scopes: readonly Scope[], namespaces: NamespaceLimit = 'all'): Authenticator {
  return everybodyHas(grantEach(scopes, namespaces));
}

/** Everybody is the same principal with these grants. */
export function everybodyHas(grants: readonly Grant[]): Authenticator {
  return {
    authenticate: async () => ({ ok: true, value: { id: 'pat', groups: [], grants } }),
  };
}

export interface Refusal {
  readonly status: string;
  readonly codes: readonly string[];
  readonly fields: readonly string[];
  readonly message: string;
}

/** What a call that must not succeed was refused with. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const details = error.findDetails(ProblemDetailSchema);
    return {
      status: Code[error.code],
      codes: details.map((each) => each.code),
      fields: details.map((each) => each.field),
      message: error.rawMessage,
    };
  }
  throw new Error('the call succeeded');
}

/** Keeps what is logged as an error. */
export function recordingLog(errors: string[]): Log {
  return { ...silentLog, error: (message, fields) => errors.push(`${message} ${JSON.stringify(fields)}`) };
}
