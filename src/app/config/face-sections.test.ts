import { describe, expect, test } from 'bun:test';
import { defaultListenerLimits } from '../../transport/listener-limits.ts';
import { resolveLimits } from './limits-section.ts';
import { resolveTls } from './tls-section.ts';

/** Fields that a section finds wrong. */
function wrongOf(
  resolve: (wrong: (field: string, value: unknown, limit: string) => void) => unknown,
): string[] {
  const fields: string[] = [];
  resolve((field) => fields.push(field));
  return fields;
}

const files = { certificate: 'a.pem', key: '/k.pem' };

describe('the section tls', () => {
  test('names files, from the folder of the service, and may lower the version', () => {
    expect(resolveTls(files, () => {}, '/etc/mesh')).toEqual({
      certificate: '/etc/mesh/a.pem',
      key: '/k.pem',
      minVersion: '1.3',
    });
    expect(resolveTls({ ...files, minVersion: 1.2, clientCa: 'c.pem' }, () => {}, '/x')).toMatchObject({
      minVersion: '1.2',
      clientCa: '/x/c.pem',
    });
    expect(resolveTls(undefined, () => {}, '/x')).toBeUndefined();
  });

  test.each([
    [{ certificate: 'a.pem' }, ['tls.key']],
    [{ ...files, minVersion: '1.1' }, ['tls.minVersion']],
    [{ ...files, clientCa: '' }, ['tls.clientCa']],
    [{ ...files, cert: 'x' }, ['tls.cert']],
    ['a.pem', ['tls']],
  ])('of %j is refused with its field', (input, fields) => {
    expect(wrongOf((wrong) => resolveTls(input, wrong, '/'))).toEqual(fields);
  });
});

describe('the section limits', () => {
  test('changes what it names and leaves the rest', () => {
    const { listener, rate } = resolveLimits(
      { maxHeaders: 7, idleTimeoutSeconds: 5, callsAtOnce: 3 },
      () => {},
    );
    expect(listener).toEqual({ ...defaultListenerLimits, maxHeaders: 7, idleTimeoutMs: 5_000 });
    expect(rate).toEqual({ perSecond: 500, burst: 3 });
  });

  test.each([
    [{ maxHeaders: 0 }, ['limits.maxHeaders']],
    [{ maxHeaders: '7' }, ['limits.maxHeaders']],
    [{ idleTimeoutSeconds: 1e6 }, ['limits.idleTimeoutSeconds']],
    [{ idleTimeoutMs: 5 }, ['limits.idleTimeoutMs']],
    [[], ['limits']],
  ])('of %j is refused with its field', (input, fields) => {
    expect(wrongOf((wrong) => resolveLimits(input, wrong))).toEqual(fields);
  });
});
