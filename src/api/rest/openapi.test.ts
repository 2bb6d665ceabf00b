import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import { Validator } from '@seriousme/openapi-schema-validator';
import { errorCodes } from '../../domain/error-codes.ts';
import { type ApiBench, createApiBench } from '../api.testing.ts';
import { createApiHandler } from '../api-handler.ts';
import { begin } from '../http.testing.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}

const text = readFileSync(join(import.meta.dir, '../../../docs/openapi.json'), 'utf8');
const document = JSON.parse(text) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]): [string, string, Operation] => [
    method.toUpperCase(),
    path,
    operation,
  ]),
);

let bench: ApiBench;
let handler: UniversalHandlerFn;
const shutdown = new AbortController();
beforeAll(async () => {
  bench = await createApiBench();
  handler = createApiHandler(bench.deps(), shutdown.signal);
});
afterAll(() => bench.stop());

describe('docs/openapi.json', () => {
  test('is a document of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(document.openapi).toStartWith('3.1');
  });

  test('names every operation once', () => {
    const ids = routes.map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(30);
  });

  test.each(routes)('describes a route that is served: %s %s', async (method, path, operation) => {
    const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      name === 'digest' ? `sha256:${'0'.repeat(64)}` : 'x',
    );
    const leaving = new AbortController();
    const { response } = await begin(handler, target, {
      method,
      signal: leaving.signal,
      ...(operation.requestBody ? { body: {} } : {}),
    });
    const type = response.header?.get('content-type') ?? '';
    if (response.status === 200)
      expect(Object.keys(operation.responses['200']?.content ?? {})).toContain(type);
    else {
      let body = '';
      for await (const chunk of response.body ?? []) body += new TextDecoder().decode(chunk);
      expect(type).toBe('application/problem+json');
      // What the sample does not have, or asks wrongly: but it was this route's method that looked.
      const { code } = JSON.parse(body) as { code: keyof typeof errorCodes };
      expect(Object.keys(errorCodes)).toContain(code);
      expect(['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED', 'FIELD_UNKNOWN', 'INTERNAL']).not.toContain(code);
    }
    leaving.abort();
  });
});
