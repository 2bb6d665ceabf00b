import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { makeCertificate, type NamePart } from '../adapters/identity-dev/make-certificate.ts';
import { checkTlsPair, type TlsIdentity } from './tls-identity.ts';

/** A certificate and its key, both PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface TestAuthority extends IssuedCertificate {
  /** A certificate for localhost, for servers and clients, valid around now unless said otherwise. */
  issue(commonName: string, request?: TestCertificateRequest): Promise<IssuedCertificate>;
}

export interface TestCertificateRequest {
  /** Instead of the common name alone. */
  readonly subject?: readonly NamePart[];
  /** `DNS:localhost`, `IP:127.0.0.1`, `URI:spiffe://mesh/agent`, `email:a@example`. */
  readonly names?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

const dayMs = 86_400_000;
const authorityName: readonly NamePart[] = [{ type: 'CN', value: 'Test authority' }];

export async function createTestAuthority(): Promise<TestAuthority> {
  const now = Date.now();
  const issuerKey = newKey();
  const common = { issuer: authorityName, issuerKey, notBefore: now - dayMs, notAfter: now + dayMs };
  const certificate = await makeCertificate({
    ...common,
    use: { kind: 'authority' },
    subject: authorityName,
    key: issuerKey,
  });
  return {
    certificate,
    key: pemOf(issuerKey),
    async issue(commonName, { subject, names = ['DNS:localhost', 'IP:127.0.0.1'], ...validity } = {}) {
      const key = newKey();
      const issued = await makeCertificate({
        ...common,
        ...validity,
        use: { kind: 'endpoint', purposes: ['server', 'client'], names },
        subject: subject ?? [{ type: 'CN', value: commonName }],
        key,
      });
      return { certificate: issued, key: pemOf(key) };
    },
  };
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @throws when the pair is not valid now */
export function identityOf({ certificate, key }: IssuedCertificate): TlsIdentity {
  const names = { certificateName: 'certificate', keyName: 'key' };
  const checked = checkTlsPair({ certificate, key, ...names }, Date.now());
  if (!checked.ok) throw new Error(checked.error.message);
  return checked.value;
}
