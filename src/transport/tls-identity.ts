import { createPrivateKey, X509Certificate } from 'node:crypto';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';

/** A certificate that a listener shows. */
export interface TlsIdentity {
  /** PEM: the chain, the server's own certificate first. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** SHA-256 over the certificate's DER form. */
  readonly fingerprint256: string;
}

/** What is to be checked: texts, and what they are called in problems (paths of files). */
export interface TlsPair {
  readonly certificate: string;
  readonly key: string;
  readonly certificateName: string;
  readonly keyName: string;
}

/**
 * Checks that a certificate can be read, is valid now and belongs to the key. Problem: TLS_CERTIFICATE_INVALID, whose subject
 * is the file at fault.
 *
 * @param now milliseconds since the epoch
 */
export function checkTlsPair(pair: TlsPair, now: number): Result<TlsIdentity, Problem> {
  const certificate = attempt(() => new X509Certificate(pair.certificate));
  if (!certificate) return err(invalid(pair.certificateName, 'it is not a certificate in PEM form'));
  const key = attempt(() => createPrivateKey(pair.key));
  if (!key) return err(invalid(pair.keyName, 'it is not a private key in PEM form without a password'));
  if (!certificate.checkPrivateKey(key))
    return err(invalid(pair.keyName, `it is not the key of ${pair.certificateName}`));
  const notAfter = Date.parse(certificate.validTo);
  if (now > notAfter) return err(invalid(pair.certificateName, `it ended on ${certificate.validTo}`));
  if (now < Date.parse(certificate.validFrom))
    return err(invalid(pair.certificateName, `it begins on ${certificate.validFrom} only`));
  return ok({
    certificate: pair.certificate,
    key: pair.key,
    notAfter,
    fingerprint256: certificate.fingerprint256,
  });
}

/** Whether a file of authorities has a certificate at all. Problem: TLS_CERTIFICATE_INVALID. */
export function checkAuthorities(pem: string, name: string): Result<string, Problem> {
  return attempt(() => new X509Certificate(pem))
    ? ok(pem)
    : err(invalid(name, 'it is not a certificate in PEM form'));
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function invalid(name: string, why: string): Problem {
  return {
    code: 'TLS_CERTIFICATE_INVALID',
    message: `${name} cannot be used: ${why}`,
    subject: name,
  };
}
