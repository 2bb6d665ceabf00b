import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createVirtualClock } from '../../base/virtual-clock.ts';
import type { ClientCertificate } from '../../ports/authenticator.ts';
import { createCertificateAuthenticator } from './certificate-authenticator.ts';
import { type CertificateRule, compileRule } from './certificate-rule.ts';
import { compileGlob } from './name-glob.ts';

const clock = createVirtualClock();

function rule(change: Partial<CertificateRule>): CertificateRule {
  return { subject: {}, san: '', principal: 'somebody', groups: [], ...change };
}

function certificate(change: Partial<ClientCertificate> = {}): ClientCertificate {
  return {
    subject: { CN: 'agent-7', OU: 'agents', O: 'Example' },
    subjectAltNames: ['DNS:a7.agents.example', 'URI:spiffe://mesh/ns/orders/agent'],
    fingerprint256: 'AB:CD',
    notAfter: clock.now() + 1_000,
    ...change,
  };
}

async function whois(
  rules: readonly CertificateRule[],
  shown: ClientCertificate | undefined = certificate(),
) {
  const credentials = { headers: new Headers(), clientCertificate: shown };
  const answer = await createCertificateAuthenticator(rules, clock).authenticate(credentials);
  return answer.ok ? `${answer.value.id} in ${answer.value.groups.join()}` : answer.error.message;
}

describe('a client certificate', () => {
  test('stands for whom the first rule says that fits', async () => {
    const rules = [
      rule({ subject: { CN: 'other' }, principal: 'other' }),
      rule({
        subject: { OU: 'agents' },
        principal: '{OU}/{1}',
        san: 'URI:spiffe://mesh/ns/*/agent',
        groups: ['g'],
      }),
      rule({ subject: { CN: '*' }, principal: 'anybody' }),
    ];
    expect(await whois(rules)).toBe('agents/orders in g');
    expect(await whois(rules, certificate({ subjectAltNames: [] }))).toBe('anybody in ');
  });

  test('numbers what the stars stand for from the subject on', async () => {
    const rules = [rule({ subject: { CN: '*-*' }, san: 'DNS:*.agents.EXAMPLE', principal: '{2}/{1}/{3}' })];
    expect(await whois(rules)).toBe('7/agent/a7 in ');
  });

  test('must fit all of a rule, with attributes of its own', async () => {
    expect(await whois([rule({ subject: { CN: 'agent-7', OU: 'people' } })])).toContain('no rule fits');
    expect(await whois([rule({ subject: { toString: '*' } })])).toContain('no rule fits');
    expect(await whois([])).toContain('no rule fits');
  });

  test('of several values does not pass for one of them', async () => {
    const shown = certificate({ subject: { CN: 'x', OU: 'agents,admins' } });
    expect(await whois([rule({ subject: { OU: 'admins' } })], shown)).toContain('no rule fits');
    expect(await whois([rule({ subject: { OU: '*' } })], shown)).toContain('no rule fits');
    expect(await whois([rule({ subject: { OU: '*,admins' }, principal: '{1}' })], shown)).toBe('agents in ');
  });

  test('that has expired since the connection began is refused', async () => {
    const shown = certificate({ notAfter: clock.now() });
    expect(await whois([rule({ subject: { CN: '*' } })], shown)).toContain('has expired');
  });

  test('that gives the name of the service itself, or none that can be read, is refused', async () => {
    const rules = [rule({ subject: { CN: '*' }, principal: '{CN}' })];
    for (const name of ['meshkit-rebalancer', 'a\nb', ' a']) {
      expect(await whois(rules, certificate({ subject: { CN: name } }))).toContain('none of a principal');
    }
  });

  test('is missed where none is shown', async () => {
    const answer = await createCertificateAuthenticator([], clock).authenticate({ headers: new Headers() });
    expect(answer).toMatchObject({ ok: false, error: { code: 'UNAUTHENTICATED' } });
  });
});

describe('a rule', () => {
  test.each([
    ['subject', {}],
    ['subject.CN', { subject: { CN: '' } }],
    ['subject.C N', { subject: { 'C N': 'x' } }],
    ['subject.CN', { subject: { CN: '*'.repeat(2) } }],
    ['subject.CN', { subject: { CN: 'a*'.repeat(9) } }],
    ['san', { san: 'spiffe://mesh/*' }],
    ['san', { san: 'toString:x' }],
    ['principal', { subject: { CN: 'x' }, principal: '{1}' }],
    ['principal', { subject: { CN: '*' }, principal: '{OU}' }],
    ['principal', { subject: { CN: '*' }, principal: '' }],
    ['principal', { subject: { CN: '*' }, principal: 'a{' }],
  ])('that is wrong in %s is refused', (field, change) => {
    expect(compileRule(rule(change))).toMatchObject({ ok: false, error: [{ field }] });
  });
});

describe('a pattern', () => {
  const matches = (pattern: string, name: string): readonly string[] | undefined => {
    const glob = compileGlob(pattern, '/');
    if (!glob.ok) throw new Error(glob.error);
    return glob.value.match(name);
  };

  test.each([
    ['a', 'a', []],
    ['a', 'ab', undefined],
    ['*', 'ab', ['ab']],
    ['*', '', undefined],
    ['*', 'a/b', undefined],
    ['a*', 'a', undefined],
    ['a*a', 'aa', undefined],
    ['a*a', 'aba', ['b']],
    ['ns/*/x*', 'ns/orders/xy', ['orders', 'y']],
    ['*b*b', 'abbb', ['a', 'b']],
    ['a.c', 'abc', undefined],
  ])('%s and the name %s give %j', (pattern, name, expected) => {
    expect(matches(pattern, name)).toEqual(expected);
  });

  test('fits just the names that a regular expression of its meaning fits', () => {
    const text = (letters: string) =>
      fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 8 }).map((each) => each.join(''));
    fc.assert(
      fc.property(text('ab/*'), text('ab/'), (pattern, name) => {
        fc.pre(!pattern.includes('**'));
        const meaning = new RegExp(`^${pattern.replaceAll('*', '[^/]+')}$`);
        return (matches(pattern, name) !== undefined) === meaning.test(name);
      }),
      { numRuns: 2_000 },
    );
  });
});
