import { type DescMessage, type DescMethod, type JsonObject, type Message, toJson } from '@bufbuild/protobuf';
import { createHandlerContext, type MethodImplSpec, type ServiceImplSpec } from '@connectrpc/connect';
import {
  assertByteStreamRequest,
  createAsyncIterable,
  invokeUnaryImplementation,
  transformInvokeImplementation,
  type UniversalHandlerOptions,
  type UniversalServerRequest,
  type UniversalServerResponse,
  untilFirst,
} from '@connectrpc/connect/protocol';
import { onceEach } from '../../base/once-each.ts';
import { expectOk, type Problem } from '../../domain/problem.ts';
import { answerDirectly, type EncodeMessage } from '../direct-stream.ts';
import { type Answer, answerJson, answerNothing, answerProblems, type CallContext } from './answer.ts';
import { etagOf, isUnchanged, valueAt } from './etag.ts';
import { answerForm, createJsonTexts } from './json-text.ts';
import { fieldsParameter, type Reduce, readWantedFields } from './partial-response.ts';
import { problemsOfStatus } from './problem-document.ts';
import { readRequest } from './read-request.ts';
import { type RestRoute, restRoutesOf } from './rest-routes.ts';
import { eventStreamContentType, serverSentEvent, serverSentEvents } from './server-sent-events.ts';

/** Name of the protocol in audit records and counters. */
const protocolName = 'rest';

/** A request that REST answers: by a method of the contract, or by a refusal. */
export interface RestCall {
  /** Undefined where no route fits. */
  readonly method?: DescMethod;
  answer(): Promise<UniversalServerResponse>;
}

/**
 * Serves methods over the routes that stand in the contract: another protocol beside gRPC and Connect, on the same
 * implementations, behind the same gate and interceptors. Streams become server-sent events; client streams have no
 * route. Never rejects: what goes wrong is a problem document.
 */
export function createRestProtocol(
  services: readonly ServiceImplSpec[],
  options: UniversalHandlerOptions,
): (request: UniversalServerRequest) => RestCall {
  const specs = new Map(
    services.flatMap(({ methods }) =>
      Object.values(methods).map((spec) => [spec.method as DescMethod, spec]),
    ),
  );
  const routes = restRoutesOf(services.map(({ service }) => service));
  const textOf = createJsonTexts();
  const encoders = new Map(
    routes
      .filter(({ method }) => method.methodKind === 'server_streaming')
      .map((route) => [route, eventEncoder(route)]),
  );
  return (request) => {
    const url = new URL(request.url);
    const fitting = routes.flatMap((route) => {
      const pathValues = route.template.match(url.pathname);
      return pathValues ? [{ route, pathValues }] : [];
    });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const found = fitting.find(({ route }) => route.httpMethod === method);
    const spec = found && specs.get(found.route.method);
    if (!found || !spec) return { answer: async () => withoutRoute(request.method, url.pathname, fitting) };
    const { route } = found;
    const call = { request, url, spec, route, pathValues: found.pathValues, options, textOf };
    const encode = encoders.get(route);
    // Where only some fields are wanted, messages are not the same for all.
    const isDirect = encode !== undefined && !url.searchParams.has(fieldsParameter);
    return {
      method: route.method,
      answer: () =>
        isDirect
          ? answerDirectly(request, encode, (given) => answerCall({ ...call, request: given }))
          : answerCall(call),
    };
  };
}

function eventEncoder({ method, options }: RestRoute): EncodeMessage {
  return onceEach((message: Message) =>
    serverSentEvent(toJson(method.output, message) as JsonObject, options),
  );
}

interface Call {
  readonly request: UniversalServerRequest;
  readonly url: URL;
  readonly spec: MethodImplSpec;
  readonly route: RestRoute;
  readonly pathValues: readonly string[];
  readonly options: UniversalHandlerOptions;
  readonly textOf: (schema: DescMessage, message: Message) => string;
}

async function answerCall(call: Call): Promise<UniversalServerResponse> {
  const { request, spec, url, options } = call;
  const context = createHandlerContext({
    ...spec,
    service: spec.method.parent,
    requestMethod: request.method,
    protocolName,
    requestSignal: request.signal,
    requestHeader: request.header,
    url: request.url,
    ...(request.contextValues ? { contextValues: request.contextValues } : {}),
    ...(options.shutdownSignal ? { shutdownSignal: options.shutdownSignal } : {}),
  });
  const answer: Answer = { request, context, options };
  try {
    // Before the body is read: who may not call is not listened to.
    await options.requestGate?.(context);
    const reduce = expectOk(readWantedFields(url.searchParams.get(fieldsParameter), spec.method.output));
    const message = expectOk(await readMessageOf(call));
    return spec.kind === 'server_streaming'
      ? await answerStream(answer, call, message, reduce)
      : await answerUnary(answer, call, message, reduce);
  } catch (thrown) {
    context.abort(thrown);
    return answerProblems(answer, problemsOfStatus(thrown));
  }
}

async function answerUnary(
  answer: Answer,
  { spec, route, options, url, textOf }: Call,
  message: Message,
  reduce: Reduce,
): Promise<UniversalServerResponse> {
  if (spec.kind !== 'unary') throw new Error(`${spec.method.name} has a route, but is a ${spec.kind} method`);
  const { context } = answer;
  const output = await invokeUnaryImplementation(spec, context, message, options.interceptors);
  context.abort();
  const { etag: etagField, availableIf } = route.options;
  if (etagField === '' && availableIf === '' && !url.searchParams.has(fieldsParameter))
    return answerJson(answer, 200, textOf(spec.method.output, output));
  const json = toJson(spec.method.output, output, answerForm) as JsonObject;
  const etag = etagOf(json, etagField);
  if (etag !== undefined) context.responseHeader.set('etag', etag);
  if (route.httpMethod === 'GET' && isUnchanged(context.requestHeader, etag))
    return answerNothing(answer, 304);
  return answerJson(answer, isAvailable(json, availableIf) ? 200 : 503, reduce(json));
}

function isAvailable(json: JsonObject, condition: string): boolean {
  const [path = '', value] = condition.split('=');
  return condition === '' || valueAt(json, path) === value;
}

async function answerStream(
  answer: Answer,
  { spec, route, options }: Call,
  message: Message,
  reduce: Reduce,
): Promise<UniversalServerResponse> {
  const { context, request } = answer;
  const outputs = transformInvokeImplementation(
    spec,
    context,
    options.interceptors,
  )(createAsyncIterable([message]));
  // A refusal that comes before the first message is an answer like any other and not an event of the stream.
  const begun = await untilFirst(outputs);
  const messages = inJson(spec, context, begun, reduce);
  const header = new Headers(context.responseHeader);
  header.set('content-type', eventStreamContentType);
  header.set('cache-control', 'no-store');
  // Proxies that gather an answer before they pass it on would gather this one for ever.
  header.set('x-accel-buffering', 'no');
  if (request.method === 'HEAD') {
    context.abort();
    return { status: 200, header };
  }
  return { status: 200, header, body: serverSentEvents(messages, route.options) };
}

async function* inJson(
  spec: MethodImplSpec,
  context: CallContext,
  outputs: AsyncIterable<Message>,
  reduce: Reduce,
): AsyncGenerator<JsonObject> {
  try {
    for await (const output of outputs) yield reduce(toJson(spec.method.output, output) as JsonObject);
  } finally {
    context.abort();
  }
}

function readMessageOf({ request, url, route, pathValues, options }: Call) {
  assertByteStreamRequest(request);
  return readRequest(
    { route, pathValues, query: url.searchParams, headers: request.header, body: request.body },
    options,
  );
}

/** OPTIONS says what a path takes; anything else is told that there is nothing, or nothing for its HTTP method. */
function withoutRoute(
  httpMethod: string,
  path: string,
  fitting: readonly { readonly route: RestRoute }[],
): Promise<UniversalServerResponse> {
  const allowed = [...new Set(fitting.map(({ route }) => route.httpMethod))];
  const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  if (allowed.length === 0) {
    return answerProblems(undefined, [
      {
        code: 'ROUTE_NOT_FOUND',
        message: 'there is nothing at this path',
        field: 'path',
        value: path.slice(0, 200),
      },
    ]);
  }
  if (httpMethod === 'OPTIONS') return answerNothing(undefined, 204, { allow });
  const problem: Problem = {
    code: 'METHOD_NOT_ALLOWED',
    message: `${path.slice(0, 200)} does not take ${httpMethod.slice(0, 20)}`,
    field: 'method',
    value: httpMethod.slice(0, 20),
    limit: allow,
  };
  return answerProblems(undefined, [problem], { allow });
}
