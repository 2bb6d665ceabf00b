import {
  createUniversalServiceHandlers,
  type UniversalHandler,
  type UniversalHandlerFn,
  type UniversalServerRequest,
  type UniversalServerResponse,
} from '@connectrpc/connect/protocol';
import { createHandlerFactory as connectProtocol } from '@connectrpc/connect/protocol-connect';
import { createHandlerFactory as grpcProtocol } from '@connectrpc/connect/protocol-grpc';
import { createHandlerFactory as grpcWebProtocol } from '@connectrpc/connect/protocol-grpc-web';
import type { ApiDeps } from './api-deps.ts';
import { createProtocolOptions } from './protocol-options.ts';
import { createRestProtocol } from './rest/rest-protocol.ts';
import type { RoutedCall } from './routed-call.ts';
import { createServices } from './services.ts';
import { withTransportTelemetry } from './transport-telemetry.ts';
import { answerForUnreadable } from './unreadable-request.ts';

/**
 * The whole API as one function of requests, whatever HTTP version they come by: gRPC, gRPC-Web and Connect below
 * `/PACKAGE.SERVICE/METHOD`, REST and server-sent events on the routes of the contract.
 *
 * @param shutdown aborts calls, with a `ProblemError` as its reason, when the service stops
 */
export function createApiHandler(deps: ApiDeps, shutdown: AbortSignal): UniversalHandlerFn {
  const options = createProtocolOptions(deps, shutdown);
  const services = createServices(deps);
  const protocols = [grpcProtocol(options), grpcWebProtocol(options), connectProtocol(options)];
  const handlers = new Map(
    services
      .flatMap((service) => createUniversalServiceHandlers(service, protocols))
      .map((handler) => [handler.requestPath, handler]),
  );
  const rest = createRestProtocol(services, options);
  const route = (request: UniversalServerRequest): RoutedCall => {
    const handler = handlers.get(new URL(request.url).pathname);
    if (handler) return rpcCall(handler, request);
    const call = rest(request);
    return {
      protocol: call.method ? 'rest' : 'other',
      encoding: 'json',
      ...(call.method ? { method: call.method } : {}),
      answer: () => (isGrpc(request) ? answerUnknownMethod(request) : call.answer()),
    };
  };
  return withTransportTelemetry(deps, route);
}

function rpcCall(handler: UniversalHandler, request: UniversalServerRequest): RoutedCall {
  const type = request.header.get('content-type') ?? '';
  const family = /^application\/(grpc-web|grpc)\b/.exec(type)?.[1];
  return {
    protocol: family ?? 'connect',
    encoding: /json/.test(type) ? 'json' : 'proto',
    method: handler.method,
    // Over gRPC the status for what cannot be parsed is its own, INTERNAL.
    answer: async () => (family ? handler(request) : answerForUnreadable(await handler(request))),
  };
}

function isGrpc(request: UniversalServerRequest): boolean {
  return /^application\/grpc/.test(request.header.get('content-type') ?? '');
}

/** gRPC has a status of its own for this, in headers that are trailers at once ("Trailers-Only"). */
async function answerUnknownMethod(request: UniversalServerRequest): Promise<UniversalServerResponse> {
  const header = new Headers({
    'content-type': request.header.get('content-type') ?? 'application/grpc',
    'grpc-status': '12',
    'grpc-message': 'unknown method',
  });
  return { status: 200, header };
}
