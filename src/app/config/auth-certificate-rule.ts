import { type CertificateRule, compileRule } from '../../adapters/identity-certificates/certificate-rule.ts';
import { isGroupName } from '../../domain/principal.ts';
import { fieldsOf, textOf, textsOf, type Wrong } from './section-fields.ts';

const fields = ['subject', 'san', 'principal', 'groups'] as const;
/** Whom a certificate stands for when a rule does not say. */
const defaultPrincipal = '{CN}';

/** One of `auth.certificates`; undefined where something of it is wrong. */
export function resolveCertificateRule(
  input: unknown,
  at: string,
  wrong: Wrong,
): CertificateRule | undefined {
  const given = fieldsOf(input, at, fields, wrong);
  if (!given) return undefined;
  const isText = (text: string): boolean => text !== '';
  const subject = patternsOf(given.subject ?? {}, `${at}.subject`, wrong);
  const san = given.san === undefined ? '' : textOf(given.san, `${at}.san`, 'a pattern', wrong, isText);
  const principal = textOf(
    given.principal ?? defaultPrincipal,
    `${at}.principal`,
    'the name of a principal',
    wrong,
    isText,
  );
  const groups = textsOf(
    given.groups,
    `${at}.groups`,
    'a name of 1 to 256 printable characters',
    wrong,
    isGroupName,
  );
  if (!subject || san === undefined || principal === undefined || !groups) return undefined;
  const rule = { subject, san, principal, groups };
  const compiled = compileRule(rule);
  if (compiled.ok) return rule;
  for (const { field, value, limit } of compiled.error) wrong(`${at}.${field}`, value, limit);
  return undefined;
}

function patternsOf(input: unknown, at: string, wrong: Wrong): Record<string, string> | undefined {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) {
    wrong(at, input, 'a mapping of attributes to patterns');
    return undefined;
  }
  const patterns = Object.entries(input).map(([name, value]) => [
    name,
    textOf(value, `${at}.${name}`, 'a pattern', wrong, (text) => text !== ''),
  ]);
  return patterns.some(([, pattern]) => pattern === undefined) ? undefined : Object.fromEntries(patterns);
}
