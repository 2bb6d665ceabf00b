import { describe, expect, test } from 'bun:test';
import type { EndpointReport } from '../../client/probe-endpoint.ts';
import type { ClientSettings } from '../settings/client-settings.ts';
import { certificateCheck, claimsCheck, clockCheck, memoryCheck, versionChecks } from './doctor-view.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const dayMs = 86_400_000;
const settings: ClientSettings = {
  address: { value: 'https://mesh:7443', origin: 'flag', name: '--address' },
  transport: { value: 'auto', origin: 'default', name: '' },
};
const report = (changes: Partial<EndpointReport>): EndpointReport => ({ versions: [], ...changes });

function certificate(notAfter: number): EndpointReport {
  const names = ['DNS:mesh'];
  const facts = {
    subject: 'CN=mesh',
    issuer: 'CN=ours',
    names,
    notBefore: now,
    notAfter,
    tlsVersion: 'TLSv1.3',
  };
  return report({ certificate: facts });
}

describe('a certificate', () => {
  test('that ends soon is worth a word', () => {
    expect(certificateCheck(certificate(now + 30 * dayMs), settings, now).result).toBe('good');
    expect(certificateCheck(certificate(now + 3 * dayMs), settings, now)).toMatchObject({
      result: 'warning',
      remedy: 'Renew it within 3d.',
    });
  });

  test('that is not trusted says why', () => {
    const problem = { code: 'SERVICE_UNTRUSTED', message: 'it has expired' } as const;
    const check = certificateCheck(report({ versions: [{ version: 'h2', problem }] }), settings, now);
    expect(check).toMatchObject({ result: 'bad', detail: 'it has expired' });
  });

  test('is none in clear text', () => {
    const address = { ...settings.address, value: 'http://127.0.0.1:1' };
    expect(certificateCheck(report({}), { ...settings, address }, now).result).toBe('warning');
  });
});

test.each([
  [undefined, 'warning', 'did not tell'],
  [400, 'good', 'the same'],
  [-20_000, 'good', '20 s behind'],
  [90_000, 'warning', '90 s ahead of'],
] as const)('a clock that differs by %p ms is %s', (clockSkewMs, result, text) => {
  const check = clockCheck(report(clockSkewMs === undefined ? {} : { clockSkewMs }));
  expect([check.result, check.detail.includes(text)]).toEqual([result, true]);
});

test('what is remembered is told, and whether it still holds', () => {
  expect(memoryCheck(undefined, true).result).toBe('good');
  expect(memoryCheck('timeout', false)).toMatchObject({ result: 'warning' });
  expect(memoryCheck('timeout', true).detail).toContain('works again');
});

test('a version that is missing is a warning beside one that is there, and bad alone', () => {
  const blocked = { version: 'h3', reason: 'udp_blocked' } as const;
  const checks = versionChecks(report({ versions: [blocked, { version: 'h2', handshakeMs: 1.25 }] }));
  expect(checks.map(({ result }) => result)).toEqual(['warning', 'good']);
  expect(checks[0]?.remedy).toContain('UDP');
  expect(versionChecks(report({ versions: [blocked] }))[0]?.result).toBe('bad');
});

test.each([
  [undefined, 'warning'],
  [now + 1, 'good'],
  [now - 1, 'bad'],
] as const)('a token that ends at %p is %s', (expiresAtMs, result) => {
  const claims = {
    subject: 'ann',
    issuer: '',
    scopes: ['mesh.read'],
    namespaces: ['orders'],
    groups: [],
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
  const check = claimsCheck('MESH_TOKEN', result === 'warning' ? undefined : claims, now);
  expect(check.result).toBe(result);
  if (result !== 'warning') expect(check.detail).toContain('scopes mesh.read, namespaces orders');
});
