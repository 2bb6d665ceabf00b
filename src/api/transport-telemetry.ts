import type { UniversalHandlerFn, UniversalServerRequest } from '@connectrpc/connect/protocol';
import { downgradeHeader, parseDowngrade } from '../domain/transport-downgrade.ts';
import { httpVersionKey } from '../transport/call-context.ts';
import type { ApiDeps } from './api-deps.ts';
import type { RoutedCall } from './routed-call.ts';

/**
 * Counts each request by transport, protocol and kind, counts what clients tell of downgrades, and says in every answer
 * how it came: `rpc-transport` (`h3`, `h2`, `h1`) and `rpc-encoding` (`proto`, `json`).
 */
export function withTransportTelemetry(
  { stats, log }: Pick<ApiDeps, 'stats' | 'log'>,
  route: (request: UniversalServerRequest) => RoutedCall,
): UniversalHandlerFn {
  return async (request) => {
    const transport = request.contextValues?.get(httpVersionKey) ?? 'memory';
    const told = request.header.get(downgradeHeader);
    const downgrade = told === null ? undefined : parseDowngrade(told);
    if (downgrade) {
      stats.countDowngrade(downgrade);
      log.info('a client was downgraded', { ...downgrade });
    }
    const call = route(request);
    stats.countRequest({
      transport,
      protocol: call.protocol,
      rpcKind: call.method?.methodKind ?? 'none',
    });
    const response = await call.answer();
    const header = response.header ?? new Headers();
    header.set('rpc-transport', transport);
    header.set('rpc-encoding', call.encoding);
    return { ...response, header };
  };
}
