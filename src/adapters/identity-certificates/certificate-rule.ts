import { err, ok, type Result } from '../../base/result.ts';
import { maxNameLength } from '../../domain/principal.ts';
import type { ClientCertificate } from '../../ports/authenticator.ts';
import { compileGlob, type NameGlob } from './name-glob.ts';

/** Whom a client certificate stands for; it must fit every pattern that is given, and at least one must be. */
export interface CertificateRule {
  /** Patterns by the short names of attributes: `CN`, `OU`. */
  readonly subject: Readonly<Record<string, string>>;
  /** Pattern with the kind before it: `URI:spiffe://mesh/ns/*`. One of the certificate's names must fit; empty for any. */
  readonly san: string;
  /**
   * Id of the principal. `{CN}` stands for an attribute that `subject` names, `{1}` for what the first star stands for,
   * counted through `subject` in its order and then `san`.
   */
  readonly principal: string;
  readonly groups: readonly string[];
}

/** A rule that was looked through. */
export interface CompiledRule {
  /** Undefined where the certificate does not fit. */
  apply(
    certificate: ClientCertificate,
  ): { readonly id: string; readonly groups: readonly string[] } | undefined;
}

/** What is wrong with a rule: which of its fields, and what is expected there. */
export interface RuleFault {
  readonly field: string;
  readonly value: string;
  readonly limit: string;
}

/** What parts names, by their kinds. */
const separators: Readonly<Record<string, string>> = { URI: '/', DNS: '.', email: '@' };
/** Node joins several values of an attribute so. */
const valueSeparator = ',';
/** More names than a certificate has that is meant for one client. */
const maxAltNames = 64;
const attributePattern = /^[A-Za-z][A-Za-z0-9.]{0,63}$/;
const placeholder = /\{([^{}]*)\}/g;

export function compileRule(rule: CertificateRule): Result<CompiledRule, readonly RuleFault[]> {
  const faults: RuleFault[] = [];
  const subject = Object.entries(rule.subject).flatMap(([name, pattern]) => {
    const field = `subject.${name}`;
    if (!attributePattern.test(name)) {
      faults.push({ field, value: pattern, limit: 'short names of attributes, as CN or OU' });
      return [];
    }
    const glob = compileGlob(pattern, valueSeparator);
    if (!glob.ok) faults.push({ field, value: pattern, limit: glob.error });
    return glob.ok ? [{ name, glob: glob.value }] : [];
  });
  const altName = rule.san === '' ? ok(undefined) : compileAltName(rule.san);
  if (!altName.ok) faults.push({ field: 'san', value: rule.san, limit: altName.error });
  if (rule.san === '' && subject.length === 0 && faults.length === 0) {
    faults.push({ field: 'subject', value: '', limit: 'a pattern for an attribute of the subject, or san' });
  }
  if (faults.length > 0 || !altName.ok) return err(faults);
  const parts: RuleParts = {
    subject,
    altName: altName.value,
    principal: rule.principal,
    groups: rule.groups,
  };
  const fault = templateFault(parts);
  return fault ? err([fault]) : ok({ apply: (certificate) => applyRule(parts, certificate) });
}

interface RuleParts {
  readonly subject: readonly { readonly name: string; readonly glob: NameGlob }[];
  readonly altName: NameGlob | undefined;
  readonly principal: string;
  readonly groups: readonly string[];
}

/** DNS names are compared without regard to case (RFC 4343). */
function compileAltName(pattern: string): Result<NameGlob, string> {
  const kind = pattern.slice(0, pattern.indexOf(':'));
  const separator = Object.hasOwn(separators, kind) ? separators[kind] : undefined;
  if (!separator) return err(`a name after its kind: ${Object.keys(separators).join(': or ')}:`);
  if (kind !== 'DNS') return compileGlob(pattern, separator);
  const glob = compileGlob(`DNS:${pattern.slice(4).toLowerCase()}`, separator);
  if (!glob.ok) return glob;
  const { stars, match } = glob.value;
  return ok({
    stars,
    match: (name) => (name.startsWith('DNS:') ? match(`DNS:${name.slice(4).toLowerCase()}`) : undefined),
  });
}

function templateFault({ subject, altName, principal }: RuleParts): RuleFault | undefined {
  const stars = subject.reduce((sum, each) => sum + each.glob.stars, altName?.stars ?? 0);
  const known = [
    ...subject.map((each) => each.name),
    ...Array.from({ length: stars }, (_, index) => String(index + 1)),
  ];
  const asked = [...principal.matchAll(placeholder)].map((match) => match[1] ?? '');
  const rest = principal.replaceAll(placeholder, '');
  if (principal !== '' && principal.length <= maxNameLength && !/[{}]/.test(rest)) {
    if (asked.every((name) => known.includes(name))) return undefined;
  }
  const limit = `a name, in which ${known.map((name) => `{${name}}`).join(', ') || 'nothing'} may stand for a part of the certificate`;
  return { field: 'principal', value: principal, limit };
}

function applyRule(
  { subject, altName, principal, groups }: RuleParts,
  certificate: ClientCertificate,
): { readonly id: string; readonly groups: readonly string[] } | undefined {
  const values = new Map<string, string>();
  const captures: string[] = [];
  for (const { name, glob } of subject) {
    const value = Object.hasOwn(certificate.subject, name) ? certificate.subject[name] : undefined;
    const found = value === undefined ? undefined : glob.match(value);
    if (value === undefined || !found) return undefined;
    values.set(name, value);
    captures.push(...found);
  }
  if (altName) {
    const found = firstMatch(altName, certificate.subjectAltNames);
    if (!found) return undefined;
    captures.push(...found);
  }
  for (const [index, capture] of captures.entries()) values.set(String(index + 1), capture);
  return { id: principal.replaceAll(placeholder, (_, name: string) => values.get(name) ?? ''), groups };
}

function firstMatch(glob: NameGlob, names: readonly string[]): readonly string[] | undefined {
  for (const name of names.slice(0, maxAltNames)) {
    const found = glob.match(name);
    if (found) return found;
  }
  return undefined;
}
