import { fromJson, type JsonObject, type Message } from '@bufbuild/protobuf';
import { type Compression, readAllBytes } from '@connectrpc/connect/protocol';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import { decodeText, parseJson } from '../../wire/file-text.ts';
import { readMessage } from '../../wire/json-reader.ts';
import { jsonNameOf, readCondition } from './etag.ts';
import { fieldsParameter } from './partial-response.ts';
import { readQuery, setTextField } from './request-fields.ts';
import type { RestRoute } from './rest-routes.ts';

export interface RestRequest {
  readonly route: RestRoute;
  /** Raw values of the template's fields. */
  readonly pathValues: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface BodyLimits {
  readonly acceptCompression: readonly Compression[];
  readonly readMaxBytes: number;
}

type Problems = readonly [Problem, ...Problem[]];

/**
 * The request's message, from path, query, headers and body. Problems: FIELD_* with the field's path, INPUT_MALFORMED,
 * MEDIA_TYPE_UNSUPPORTED. Throws the protocol library's status RESOURCE_EXHAUSTED on a body that is too large.
 */
export async function readRequest(
  request: RestRequest,
  limits: BodyLimits,
): Promise<Result<Message, Problems>> {
  const { route, query, headers } = request;
  const { input } = route.method;
  const body = await readBody(request, limits);
  if (!body.ok) return body;
  const fields = body.value;
  const problems: Problem[] = [];
  for (const [index, name] of route.template.fields.entries()) {
    const text = decodeSegment(request.pathValues[index] ?? '');
    const problem = text.ok ? setTextField(fields, input, name, text.value) : text.error;
    if (problem) problems.push(problem);
  }
  const read = readQuery(query, input, new Set([fieldsParameter]), fields);
  if (!read.ok) problems.push(...read.error);
  problems.push(...setHeaderFields(route, headers, fields));
  const [first, ...others] = problems;
  if (first) return err([first, ...others]);
  return readFields(route, fields);
}

function readFields(route: RestRoute, fields: JsonObject): Result<Message, Problems> {
  const { input } = route.method;
  if (!route.options.toleratesUnknownFields) {
    const message = readMessage(input, fields);
    if (message.ok) return message;
    const [first, ...others] = message.error;
    return first ? err([first, ...others]) : err([malformed('the request cannot be read')]);
  }
  try {
    return ok(fromJson(input, fields, { ignoreUnknownFields: true }));
  } catch (thrown) {
    return err([malformed(thrown instanceof Error ? thrown.message : String(thrown))]);
  }
}

/** If-Match, Idempotency-Key and Last-Event-ID are fields of the request, which the route's options name. */
function setHeaderFields(route: RestRoute, headers: Headers, fields: JsonObject): readonly Problem[] {
  const { input } = route.method;
  const problems: (Problem | undefined)[] = [];
  if (route.options.ifMatch !== '') {
    const { revision, problem } = readCondition(headers);
    if (problem) problems.push(problem);
    else if (revision !== undefined)
      problems.push(setTextField(fields, input, route.options.ifMatch, revision));
  }
  const key = headers.get('idempotency-key');
  if (key !== null && input.fields.some((each) => each.name === 'idempotency_key'))
    problems.push(setTextField(fields, input, 'idempotency_key', key));
  const lastEvent = headers.get('last-event-id');
  if (lastEvent !== null && lastEvent !== '' && route.options.lastEventId !== '') {
    // A browser that reconnects sends its first address again, and where it is now in the header.
    delete fields[jsonNameOf(route.options.lastEventId)];
    problems.push(setTextField(fields, input, route.options.lastEventId, lastEvent));
  }
  return problems.filter((problem) => problem !== undefined);
}

async function readBody(request: RestRequest, limits: BodyLimits): Promise<Result<JsonObject, Problems>> {
  const { headers, route } = request;
  const coding = headers.get('content-encoding') ?? 'identity';
  const compression = limits.acceptCompression.find((each) => each.name === coding);
  if (coding !== 'identity' && !compression) return err([unsupported('content-encoding', coding)]);
  let bytes = await readAllBytes(request.body, limits.readMaxBytes, headers.get('content-length'));
  if (bytes.length === 0) return ok({});
  const type = headers.get('content-type') ?? '';
  if (!/^application\/([a-z.-]+\+)?json\s*(;|$)/i.test(type)) return err([unsupported('content-type', type)]);
  if (!route.hasBody) return err([malformed(`${route.method.name} takes no body`)]);
  if (compression) bytes = await compression.decompress(bytes, limits.readMaxBytes);
  const text = decodeText(bytes, limits.readMaxBytes);
  const json = text.ok ? parseJson(text.value) : text;
  if (!json.ok) return err([malformed(json.error[0].message.replace('the file', 'the body'))]);
  const { value } = json;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return err([malformed('the body is not a JSON object')]);
  return ok(value as JsonObject);
}

function decodeSegment(text: string): Result<string, Problem> {
  try {
    return ok(decodeURIComponent(text));
  } catch {
    return err(malformed(`the path has a part that is not percent-encoded UTF-8: ${text.slice(0, 100)}`));
  }
}

function malformed(message: string): Problem {
  return { code: 'INPUT_MALFORMED', message };
}

function unsupported(field: string, value: string): Problem {
  return {
    code: 'MEDIA_TYPE_UNSUPPORTED',
    message: `the body has the ${field} "${value.slice(0, 100)}"`,
    field,
    value: value.slice(0, 100),
    limit: field === 'content-type' ? 'application/json' : 'identity, gzip, br',
  };
}
