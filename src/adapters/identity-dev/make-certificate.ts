import type { KeyObject } from 'node:crypto';

export interface CertificateRequest {
  readonly use: AuthorityUse | EndpointUse;
  readonly subject: readonly NamePart[];
  readonly issuer: readonly NamePart[];
  /** Of the subject, on P-256; only its public half gets into the certificate. */
  readonly key: KeyObject;
  /** Of the issuer, private, on P-256. */
  readonly issuerKey: KeyObject;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface AuthorityUse {
  readonly kind: 'authority';
  /** The DNS name below which it may name hosts (name constraints); absent for any. */
  readonly within?: string;
}

export interface EndpointUse {
  readonly kind: 'endpoint';
  readonly purposes: readonly ('server' | 'client')[];
  /** `DNS:localhost`, `IP:127.0.0.1`, `IP:::1`, `URI:spiffe://mesh/agent`, `email:a@example`. */
  readonly names: readonly string[];
}

/** A part of a distinguished name. */
export interface NamePart {
  readonly type: 'CN' | 'OU' | 'O';
  readonly value: string;
}

/** A certificate in PEM form, signed by ECDSA with SHA-256, as development needs them. */
export async function makeCertificate(request: CertificateRequest): Promise<string> {
  // When a certificate is missing, since the library is a large one; and after the polyfill that it looks for at its start:
  // neither Bun's loader nor its bundler evaluates imports of CommonJS and of ES modules reliably in the order of their lines.
  await import('reflect-metadata');
  const { signCertificate } = await import('./sign-certificate.ts');
  return signCertificate(request);
}
