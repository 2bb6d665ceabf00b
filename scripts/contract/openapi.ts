import type { DescField, DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';
import { isForAnyone, scopeOf } from '../../src/api/method-scope.ts';
import { type RestRoute, restRoutesOf } from '../../src/api/rest/rest-routes.ts';
import { rulesOf } from './field-rules.ts';
import { commentOf, createSchemas, type JsonSchema, type SchemaCollection } from './json-schema.ts';

/** The document of OpenAPI 3.1 that describes the REST routes of services. */
export function openApiOf(services: readonly DescService[], version: string): JsonSchema {
  const schemas = createSchemas({ place: '#/components/schemas/', kind: false });
  const paths: Record<string, Record<string, JsonSchema>> = {};
  const served = services.filter((service) => restRoutesOf([service]).length > 0);
  const bindings = new Map<DescMethod, number>();
  for (const route of served.flatMap((service) => restRoutesOf([service]))) {
    const count = (bindings.get(route.method) ?? 0) + 1;
    bindings.set(route.method, count);
    const path = route.template.text.replaceAll(
      /\{([a-z0-9_.]+)\}/g,
      (_, name: string) => `{${jsonName(name)}}`,
    );
    paths[path] = { ...paths[path], [route.httpMethod.toLowerCase()]: operation(route, schemas, count) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'MeshKit Rebalancer',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Generated from proto/ by scripts/generate-contract.ts; do not edit. Refusals are RFC 9457 problem documents ' +
        'with the codes of errors.md. Streams are server-sent events, resumed by Last-Event-ID.',
    },
    servers: [{ url: 'https://127.0.0.1:7443' }],
    tags: served.map((service) => ({ name: service.name, description: commentOf(service) })),
    paths: Object.fromEntries(Object.entries(paths).sort(([left], [right]) => (left < right ? -1 : 1))),
    components: {
      schemas: { ...schemas.all(), Problem: problemSchema },
      responses: {
        Problem: {
          description: 'Why it was refused.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      headers,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        certificate: { type: 'mutualTLS', description: 'A client certificate; over TCP only.' },
      },
    },
  };
}

const headers: JsonSchema = {
  RpcTransport: {
    description: 'HTTP version of the answer.',
    schema: { type: 'string', enum: ['h3', 'h2', 'h1'] },
  },
  RpcEncoding: {
    description: 'Encoding of the answer.',
    schema: { type: 'string', enum: ['json', 'proto'] },
  },
  ETag: { description: 'Revision of what is answered, for If-Match.', schema: { type: 'string' } },
};

const problemSchema: JsonSchema = {
  type: 'object',
  description: 'A refusal (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'code', 'remedy'],
  properties: {
    type: { type: 'string', description: '`urn:meshkit:problem:CODE`.' },
    title: { type: 'string', description: 'What the code means.' },
    status: { type: 'integer', description: 'HTTP status.' },
    detail: { type: 'string', description: 'What happened, to what.' },
    code: { type: 'string', description: 'Stable code; see errors.md.' },
    field: { type: 'string', description: 'Path of the field that is wrong.' },
    value: { type: ['string', 'number', 'boolean'], description: 'The value that was given.' },
    limit: { type: ['string', 'number'], description: 'The bound or expectation that it broke.' },
    subject: { type: 'string', description: 'What it is about: `plan/ID`, `node/ID`.' },
    remedy: { type: 'string', description: 'What to do about it.' },
    problems: {
      type: 'array',
      description: 'All of them, where there are several.',
      items: { type: 'object', properties: { code: { type: 'string' }, detail: { type: 'string' } } },
    },
  },
};

function operation(route: RestRoute, schemas: SchemaCollection, count: number): JsonSchema {
  const { method, options } = route;
  const comment = commentOf(method);
  const scope = scopeOf(method);
  const suffix = count > 1 ? String(count) : '';
  return {
    operationId: `${method.parent.name}_${method.name}${suffix}`,
    tags: [method.parent.name],
    summary: comment.split(/[.;:]/)[0],
    description: comment,
    ...(scope ? { 'x-meshkit-scope': scope } : {}),
    security: isForAnyone(method)
      ? [{}]
      : [{ bearer: scope ? [scope] : [] }, { certificate: scope ? [scope] : [] }],
    parameters: parametersOf(route, schemas),
    ...(route.hasBody ? { requestBody: requestBody(route, schemas, suffix) } : {}),
    responses: {
      '200': okResponse(route, schemas),
      ...(route.httpMethod === 'GET' && options.etag !== '' ? { '304': { description: 'Unchanged.' } } : {}),
      ...(options.availableIf === ''
        ? {}
        : { '503': { ...okResponse(route, schemas), description: 'Not available.' } }),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** What the path gives is not in the body. */
function requestBody({ method, template }: RestRoute, schemas: SchemaCollection, suffix: string): JsonSchema {
  const name = `${method.name}Body${suffix}`;
  const schema = schemas.referWithout(method.input, template.fields, name);
  const others = method.input.fields.filter((each) => !template.fields.includes(each.name));
  const required = others.some((each) => rulesOf(each).required);
  return { required, content: { 'application/json': { schema } } };
}

function okResponse({ method, options }: RestRoute, schemas: SchemaCollection): JsonSchema {
  const streams = method.methodKind === 'server_streaming';
  const output = options.event === '' ? method.output : eventMessage(method.output, options.event);
  return {
    description: commentOf(method.output),
    headers: {
      'rpc-transport': { $ref: '#/components/headers/RpcTransport' },
      'rpc-encoding': { $ref: '#/components/headers/RpcEncoding' },
      ...(options.etag === '' ? {} : { etag: { $ref: '#/components/headers/ETag' } }),
    },
    content: streams
      ? { 'text/event-stream': { schema: schemas.refer(output) } }
      : { 'application/json': { schema: schemas.refer(method.output) } },
  };
}

/** What the data of an event is. */
function eventMessage(output: DescMessage, field: string): DescMessage {
  return output.fields.find((each) => each.name === field)?.message ?? output;
}

function parametersOf(route: RestRoute, schemas: SchemaCollection): readonly JsonSchema[] {
  const { method, template, options } = route;
  const inPath = method.input.fields
    .filter((each) => template.fields.includes(each.name))
    .map((each) => ({ name: each.jsonName, in: 'path', required: true, schema: schemas.field(each) }));
  const inQuery = route.hasBody
    ? []
    : method.input.fields
        .filter((each) => !template.fields.includes(each.name) && isQueryField(each))
        .map((each) => ({
          name: each.jsonName,
          in: 'query',
          ...described(each),
          schema: schemas.field(each),
        }));
  const header = (name: string, description: string): JsonSchema => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  });
  return [
    ...inPath,
    ...inQuery,
    {
      name: 'fields',
      in: 'query',
      description: 'Only these fields of the answer: paths, separated by commas.',
      schema: { type: 'string' },
    },
    ...(options.ifMatch === ''
      ? []
      : [header('If-Match', 'ETag of what was read: refused if it changed since.')]),
    ...(method.input.fields.some((each) => each.name === 'idempotency_key')
      ? [header('Idempotency-Key', 'The same key with the same request gives the same answer.')]
      : []),
    ...(options.lastEventId === '' ? [] : [header('Last-Event-ID', 'Position to resume from.')]),
  ];
}

/** Fields of messages have no place in a query; none of our routes has one. */
function isQueryField(field: DescField): boolean {
  return field.message === undefined || field.message.typeName.startsWith('google.protobuf.');
}

function described(field: DescField): JsonSchema {
  const description = commentOf(field);
  return description === '' ? {} : { description };
}

function jsonName(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
