import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  controllerPrincipal,
  grantEach,
  hasScope,
  isPrincipalId,
  mayActOn,
  namespacesOf,
  type Principal,
  scopes,
  scopesOf,
} from './principal.ts';
import { type Role, withRoles } from './role.ts';

const ann: Principal = { id: 'ann', groups: ['sre'], grants: grantEach(['mesh.read']) };

function role(change: Partial<Role>): Role {
  return { name: 'r', groups: [], principals: [], scopes: ['mesh.operate'], namespaces: 'all', ...change };
}

describe('grants', () => {
  test('of several roles and of the credential add up, each scope by itself', () => {
    const principal = withRoles(ann, [
      role({ groups: ['sre'], namespaces: ['orders'] }),
      role({ principals: ['ann'], namespaces: ['billing'] }),
      role({ groups: ['dba'], scopes: ['mesh.admin'] }),
    ]);
    expect(namespacesOf(principal, 'mesh.operate')).toEqual(['orders', 'billing']);
    expect(namespacesOf(principal, 'mesh.read')).toBe('all');
    expect(scopesOf(principal)).toEqual(['mesh.read', 'mesh.operate']);
    expect(mayActOn(principal, 'mesh.operate', 'orders')).toBe(true);
    expect(mayActOn(principal, 'mesh.operate', 'sessions')).toBe(false);
    expect(mayActOn(principal, 'mesh.read', 'sessions')).toBe(true);
    expect(hasScope(principal, 'mesh.admin')).toBe(false);
  });

  test('on single namespaces, however many, are none on all of them', () => {
    const principal = withRoles(ann, [role({ groups: ['sre'], namespaces: ['orders', ''] })]);
    expect(mayActOn(principal, 'mesh.operate', '')).toBe(false);
    expect(mayActOn(principal, 'mesh.read', '')).toBe(true);
  });

  test('on no namespace are no scope', () => {
    const principal = { ...ann, grants: grantEach(['mesh.read'], []) };
    expect(hasScope(principal, 'mesh.read')).toBe(false);
    expect(mayActOn(principal, 'mesh.read', '')).toBe(false);
    expect(scopesOf(principal)).toEqual([]);
  });

  test('never shrink when a role is added, and never grow by a role of others', () => {
    const limits = fc.oneof(fc.constant('all' as const), fc.subarray(['a', 'b', 'c']));
    const roles = fc.record({
      name: fc.constant('r'),
      groups: fc.subarray(['sre', 'dba']),
      principals: fc.subarray(['ann', 'bob']),
      scopes: fc.subarray([...scopes]),
      namespaces: limits,
    });
    fc.assert(
      fc.property(
        fc.array(roles, { maxLength: 4 }),
        roles,
        fc.constantFrom(...scopes),
        fc.constantFrom('', 'a', 'b', 'c'),
        (some, another, scope, namespace) => {
          const before = mayActOn(withRoles(ann, some), scope, namespace);
          const after = mayActOn(withRoles(ann, [...some, another]), scope, namespace);
          const isOurs = another.groups.includes('sre') || another.principals.includes('ann');
          return isOurs ? after || !before : after === before;
        },
      ),
    );
  });
});

test.each([
  ['ann', true],
  ['Ann Example', true],
  ['spiffe://mesh/ns/orders/agent', true],
  ['', false],
  [' ann', false],
  ['ann\n', false],
  ['an\u202en', false],
  ['x'.repeat(257), false],
  [controllerPrincipal.id, false],
  ['anonymous', false],
])('a credential that names its principal %j is believed: %p', (id, expected) => {
  expect(isPrincipalId(id)).toBe(expected);
});
