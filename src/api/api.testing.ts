import { Code, ConnectError, createRouterTransport, type Transport } from '@connectrpc/connect';
import { type Log, silentLog } from '../base/log.ts';
import { type Bench, type BenchOptions, createBench } from '../controller/rebalancer.testing.ts';
import type { Scope } from '../domain/principal.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { ApiDeps } from './api-deps.ts';
import { createDevAuthenticator } from './dev-authenticator.ts';
import { createRoutes } from './routes.ts';

/** The whole service without a socket: a simulated fleet, the core, the API and a client's transport. */
export interface ApiBench extends Bench {
  transport(deps?: Partial<ApiDeps>): Transport;
}

export async function createApiBench(options: BenchOptions = {}): Promise<ApiBench> {
  const bench = await createBench(options);
  return {
    ...bench,
    transport: (deps = {}) =>
      createRouterTransport(
        createRoutes({
          rebalancer: bench.core(),
          authenticator: createDevAuthenticator(),
          store: bench.store,
          clock: bench.clock,
          log: silentLog,
          cluster: 'c1',
          version: '1.2.3',
          ...deps,
        }),
      ),
  };
}

/** Everybody is the same principal. */
export function everybodyIs(scopes: readonly Scope[], namespaces: readonly string[] = []): Authenticator {
  return {
    authenticate: async () => ({ ok: true, value: { id: 'pat', groups: [], scopes, namespaces } }),
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
