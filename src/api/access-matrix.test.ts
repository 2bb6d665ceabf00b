import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { DescMethod } from '@bufbuild/protobuf';
import { err, ok } from '../base/result.ts';
import { grantEach, type Scope, scopes } from '../domain/principal.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import { type ApiBench, createApiBench } from './api.testing.ts';
import { createApiHandler } from './api-handler.ts';
import { isForAnyone, scopeOf } from './method-scope.ts';
import { createServices } from './services.ts';
import {
  memoryWire,
  restRefusal,
  rpcProtocols,
  rpcRefusal,
  rpcTransport,
  type Wire,
} from './wires.testing.ts';

/** Every method, asked by somebody with each scope alone and by nobody, over every protocol. */

/** Who asks has the scope that the credential names, and no other. */
const byName: Authenticator = {
  async authenticate({ headers }) {
    const named = headers.get('authorization')?.replace('Bearer ', '');
    const scope = scopes.find((each) => each === named);
    if (scope) return ok({ id: `only-${scope}`, groups: [], grants: grantEach([scope]) });
    return err({ code: 'UNAUTHENTICATED', message: 'nobody' });
  },
};

let bench: ApiBench;
let wire: Wire;
let methods: readonly DescMethod[];
beforeAll(async () => {
  bench = await createApiBench();
  const deps = bench.deps({ authenticator: byName });
  methods = createServices(deps).flatMap(({ service }) => service.methods);
  wire = memoryWire(createApiHandler(deps, new AbortController().signal));
});
afterAll(() => bench.stop());

const askers: readonly (Scope | 'nobody')[] = [...scopes, 'nobody'];

function headersOf(asker: Scope | 'nobody'): Record<string, string> {
  return asker === 'nobody' ? {} : { authorization: `Bearer ${asker}` };
}

/** What the gate must answer, whatever the method itself would say to an empty request. */
function expected(method: DescMethod, asker: Scope | 'nobody'): string {
  if (isForAnyone(method)) return 'admitted';
  if (asker === 'nobody') return 'UNAUTHENTICATED';
  return scopeOf(method) === asker ? 'admitted' : 'PERMISSION_DENIED';
}

function verdict(codes: readonly string[]): string {
  const denial = codes.find((code) => code === 'UNAUTHENTICATED' || code === 'PERMISSION_DENIED');
  // That the empty request is wrong does not matter here; a bug does.
  return denial ?? (codes.includes('INTERNAL') ? 'INTERNAL' : 'admitted');
}

describe.each(askers)('with %s', (asker) => {
  test.each(rpcProtocols)('%s admits to what that allows, and to nothing else', async (protocol) => {
    const transport = rpcTransport(wire, protocol);
    const wrong: string[] = [];
    for (const method of methods) {
      const found = verdict(await rpcRefusal(transport, method, headersOf(asker)));
      if (found !== expected(method, asker)) wrong.push(`${method.parent.name}.${method.name}: ${found}`);
    }
    expect(wrong).toEqual([]);
  });

  test('REST admits to what that allows, and to nothing else', async () => {
    const wrong: string[] = [];
    let routes = 0;
    for (const method of methods) {
      const codes = await restRefusal(wire, method, headersOf(asker));
      if (!codes) continue;
      routes += 1;
      const found = verdict(codes);
      if (found !== expected(method, asker)) wrong.push(`${method.parent.name}.${method.name}: ${found}`);
    }
    expect(wrong).toEqual([]);
    expect(routes).toBeGreaterThanOrEqual(30);
  });
});

test('every method declares its scope', () => {
  const without = methods.filter((method) => !isForAnyone(method) && scopeOf(method) === undefined);
  expect(without.map(({ name }) => name)).toEqual([]);
  expect(methods.filter(isForAnyone).map(({ name }) => name)).toEqual(['Check', 'Watch']);
});
