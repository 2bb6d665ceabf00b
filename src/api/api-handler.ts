import type { DescMethod, Message } from '@bufbuild/protobuf';
import {
  createMethodSerializationLookup,
  createUniversalServiceHandlers,
  encodeEnvelope,
  type UniversalHandler,
  type UniversalHandlerFn,
  type UniversalHandlerOptions,
  type UniversalServerRequest,
  type UniversalServerResponse,
  validateReadWriteMaxBytes,
} from '@connectrpc/connect/protocol';
import { createHandlerFactory as connectProtocol } from '@connectrpc/connect/protocol-connect';
import { createHandlerFactory as grpcProtocol } from '@connectrpc/connect/protocol-grpc';
import { createHandlerFactory as grpcWebProtocol } from '@connectrpc/connect/protocol-grpc-web';
import { onceEach } from '../base/once-each.ts';
import type { ApiDeps } from './api-deps.ts';
import { answerDirectly, type EncodeMessage } from './direct-stream.ts';
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
      .map((handler) => [handler.requestPath, withDirectStreams(handler, options)]),
  );
  const rest = createRestProtocol(services, options);
  const route = (request: UniversalServerRequest): RoutedCall => {
    const handler = handlers.get(new URL(request.url).pathname);
    if (handler) return handler(request);
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

function withDirectStreams(
  handler: UniversalHandler,
  options: UniversalHandlerOptions,
): (request: UniversalServerRequest) => RoutedCall {
  const { method } = handler;
  const streams = method.methodKind === 'server_streaming';
  const encoders = {
    proto: envelopeEncoder(method, true, options),
    json: envelopeEncoder(method, false, options),
  };
  return (request) => {
    const type = request.header.get('content-type') ?? '';
    const family = /^application\/(grpc-web|grpc)\b/.exec(type)?.[1];
    const encoding = /json/.test(type) ? 'json' : 'proto';
    return {
      protocol: family ?? 'connect',
      encoding,
      method,
      async answer() {
        if (streams) return await answerDirectly(request, encoders[encoding], handler);
        // Over gRPC the status for what cannot be parsed is its own, INTERNAL.
        return family ? await handler(request) : answerForUnreadable(await handler(request));
      },
    };
  };
}

/** What gRPC, gRPC-Web and Connect's streams have in common. */
function envelopeEncoder(
  method: DescMethod,
  isBinary: boolean,
  options: UniversalHandlerOptions,
): EncodeMessage {
  const limits = validateReadWriteMaxBytes(
    options.readMaxBytes,
    options.writeMaxBytes,
    options.compressMinBytes,
  );
  const serialization = createMethodSerializationLookup(method, undefined, undefined, limits).getO(isBinary);
  return onceEach((message: Message) => encodeEnvelope(0, serialization.serialize(message)));
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
