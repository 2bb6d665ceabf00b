import { describe, expect, test } from 'bun:test';
import { parseConfigFile, resolveConfig } from '../config.ts';
import { type AuthConfig, resolveAuth } from './auth-section.ts';

const issuer = {
  issuer: 'https://login.example',
  audience: 'mesh',
  algorithms: ['ES256'],
  jwks: 'keys.json',
};
const rule = { subject: { CN: '*' } };
const role = { name: 'operators', groups: ['sre'], scopes: ['mesh.operate'] };

function resolved(input: unknown, dev = false): { readonly auth: AuthConfig; readonly wrong: string[] } {
  const wrong: string[] = [];
  const auth = resolveAuth(input, (field) => wrong.push(field), { folder: '/somewhere', dev });
  return { auth, wrong };
}

describe('the section auth', () => {
  test('fills in what is left out', () => {
    expect(resolved({ jwt: [issuer], certificates: [rule], roles: [role] })).toEqual({
      wrong: [],
      auth: {
        jwt: [
          {
            issuer: 'https://login.example',
            audiences: ['mesh'],
            algorithms: ['ES256'],
            clockLeewaySeconds: 30,
            keys: { kind: 'file', path: '/somewhere/keys.json' },
            claims: { principal: 'sub', groups: 'groups', scopes: 'scope', namespaces: 'namespaces' },
            prefix: '',
          },
        ],
        certificates: [{ subject: { CN: '*' }, san: '', principal: '{CN}', groups: [] }],
        roles: [
          { name: 'operators', groups: ['sre'], principals: [], scopes: ['mesh.operate'], namespaces: 'all' },
        ],
      },
    });
  });

  test('may be absent', () => {
    expect(resolved(undefined)).toEqual({ wrong: [], auth: { jwt: [], certificates: [], roles: [] } });
  });

  test.each([
    ['auth', []],
    ['auth.users', { users: [] }],
    ['auth.jwt', { jwt: {} }],
    ['auth.jwt', { jwt: [issuer, issuer] }],
    ['auth.jwt[0]', { jwt: [null] }],
    ['auth.jwt[0].secret', { jwt: [{ ...issuer, secret: 'x' }] }],
    ['auth.jwt[0].issuer', { jwt: [{ ...issuer, issuer: '' }] }],
    ['auth.jwt[0].issuer', { jwt: [{ ...issuer, issuer: 'urn:meshkit:dev' }] }],
    ['auth.jwt[0].audience', { jwt: [{ ...issuer, audience: undefined }] }],
    ['auth.jwt[0].audience', { jwt: [{ ...issuer, audience: [] }] }],
    ['auth.jwt[0].audience[1]', { jwt: [{ ...issuer, audience: ['mesh', 7] }] }],
    ['auth.jwt[0].algorithms', { jwt: [{ ...issuer, algorithms: undefined }] }],
    ['auth.jwt[0].algorithms[0]', { jwt: [{ ...issuer, algorithms: ['HS256'] }] }],
    ['auth.jwt[0].algorithms[1]', { jwt: [{ ...issuer, algorithms: ['ES256', 'none'] }] }],
    ['auth.jwt[0].clockLeewaySeconds', { jwt: [{ ...issuer, clockLeewaySeconds: 301 }] }],
    ['auth.jwt[0].clockLeewaySeconds', { jwt: [{ ...issuer, clockLeewaySeconds: Number.NaN }] }],
    ['auth.jwt[0].jwks', { jwt: [{ ...issuer, jwks: undefined }] }],
    ['auth.jwt[0].jwks', { jwt: [{ ...issuer, jwks: 'http://127.0.0.1/keys' }] }],
    ['auth.jwt[0].jwks', { jwt: [{ ...issuer, jwks: 'https://u:p@login.example/keys' }] }],
    ['auth.jwt[0].jwks', { jwt: [{ ...issuer, jwks: 'ftp://login.example/keys' }] }],
    ['auth.jwt[0].claims.principal', { jwt: [{ ...issuer, claims: { principal: '' } }] }],
    ['auth.jwt[0].claims.sub', { jwt: [{ ...issuer, claims: { sub: 'sub' } }] }],
    ['auth.jwt[0].prefix', { jwt: [{ ...issuer, prefix: 'a\nb' }] }],
    ['auth.certificates[0].subject', { certificates: [{}] }],
    ['auth.certificates[0].subject.CN', { certificates: [{ subject: { CN: '**' } }] }],
    ['auth.certificates[0].san', { certificates: [{ san: 'agent', principal: 'a' }] }],
    ['auth.certificates[0].principal', { certificates: [{ ...rule, principal: '{OU}' }] }],
    ['auth.certificates[0].groups[0]', { certificates: [{ ...rule, groups: [''] }] }],
    ['auth.roles', { roles: [role, role] }],
    ['auth.roles[0].name', { roles: [{ ...role, name: 'The Role' }] }],
    ['auth.roles[0].groups', { roles: [{ ...role, groups: [] }] }],
    ['auth.roles[0].scopes', { roles: [{ ...role, scopes: [] }] }],
    ['auth.roles[0].scopes[0]', { roles: [{ ...role, scopes: ['mesh.all'] }] }],
    ['auth.roles[0].namespaces', { roles: [{ ...role, namespaces: [] }] }],
    ['auth.roles[0].namespaces[0]', { roles: [{ ...role, namespaces: ['*'] }] }],
    ['auth.roles[0].principals[0]', { roles: [{ ...role, principals: ['meshkit-rebalancer'] }] }],
  ])('that is wrong in %s says so', (field, input) => {
    expect(resolved(input).wrong).toEqual([field]);
  });

  test('takes keys by plain HTTP from this machine, and only with dev', () => {
    const jwt = [{ ...issuer, jwks: 'http://[::1]:8080/keys' }];
    expect(resolved({ jwt }, true).auth.jwt[0]?.keys).toEqual({ kind: 'url', url: 'http://[::1]:8080/keys' });
    expect(resolved({ jwt: [{ ...issuer, jwks: 'http://login.example/keys' }] }, true).wrong).toEqual([
      'auth.jwt[0].jwks',
    ]);
  });

  test('is a part of the configuration file, whose problems name its paths', () => {
    const file = parseConfigFile('fleet: http://127.0.0.1:1\nauth: { roles: [{ name: a, scope: [] }] }\n');
    if (!file.ok) throw new Error(JSON.stringify(file.error));
    const config = resolveConfig(file.value, '/');
    const fields = config.ok ? [] : config.error.map((each) => each.field);
    expect(fields).toContain('auth.roles[0].scope');
  });
});
