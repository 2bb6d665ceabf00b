import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isPrincipalId, type Principal } from '../../domain/principal.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import { unauthenticated } from '../../domain/unauthenticated.ts';
import type { Authenticator, ClientCertificate } from '../../ports/authenticator.ts';
import { type CertificateRule, compileRule } from './certificate-rule.ts';

/**
 * Believes client certificates that TLS has verified and that a rule fits; the first one says for whom they stand. They
 * grant nothing by themselves: roles do.
 *
 * @throws ProblemError CONFIG_INVALID for a rule that `compileRule` refuses
 */
export function createCertificateAuthenticator(
  rules: readonly CertificateRule[],
  clock: Clock,
): Authenticator {
  const compiled = rules.map((rule) => {
    const result = compileRule(rule);
    if (result.ok) return result.value;
    const [fault] = result.error;
    throw new ProblemError({
      code: 'CONFIG_INVALID',
      message: `a rule for client certificates is wrong in ${fault?.field}`,
      ...(fault && { field: fault.field, value: fault.value, limit: fault.limit }),
    });
  });
  return {
    async authenticate({ clientCertificate }) {
      if (!clientCertificate) {
        return err(refused('the client shows no certificate', 'Connect with a client certificate.'));
      }
      // A connection may last longer than the certificate that it began with.
      if (clock.now() >= clientCertificate.notAfter) {
        return err(refused('the client certificate has expired', 'Connect anew with a new one.'));
      }
      for (const rule of compiled) {
        const named = rule.apply(clientCertificate);
        if (named) return principalOf(named, clientCertificate);
      }
      return err(withFingerprint(noRule(), clientCertificate));
    },
  };
}

function principalOf(
  { id, groups }: { readonly id: string; readonly groups: readonly string[] },
  certificate: ClientCertificate,
): Result<Principal, Problem> {
  if (isPrincipalId(id)) return ok({ id, groups, grants: [] });
  const problem = refused(
    'the name that the client certificate gives is none of a principal',
    'Use a certificate whose name has up to 256 printable characters and is not one of the service itself.',
  );
  return err(withFingerprint(problem, certificate));
}

function noRule(): Problem {
  return refused(
    'no rule fits the client certificate',
    'Add a rule for its subject or one of its names to auth.certificates, or use another certificate.',
  );
}

function withFingerprint(problem: Problem, { fingerprint256 }: ClientCertificate): Problem {
  return { ...problem, value: fingerprint256 };
}

function refused(message: string, remedy: string): Problem {
  return unauthenticated(message, remedy, 'client certificate');
}
