import {
  type CertificateRequest,
  type IssuedCertificate,
  issueAuthority,
  issueCertificate,
} from './issue-certificate.ts';
import { checkTlsPair, type TlsIdentity } from './tls-identity.ts';

export interface TestAuthority extends IssuedCertificate {
  /** A certificate for localhost, valid around now unless said otherwise. */
  issue(commonName: string, request?: Partial<CertificateRequest>): IssuedCertificate;
}

const dayMs = 86_400_000;

export function createTestAuthority(): TestAuthority {
  const now = Date.now();
  const validity = { notBefore: now - dayMs, notAfter: now + dayMs };
  const authority = issueAuthority({ subject: { CN: 'Test authority' }, ...validity, serial: 1n });
  let serial = 1n;
  return {
    ...authority,
    issue(commonName, request = {}) {
      serial += 1n;
      return issueCertificate(authority, {
        subject: { CN: commonName },
        names: ['DNS:localhost', 'IP:127.0.0.1'],
        ...validity,
        serial,
        ...request,
      });
    },
  };
}

/** @throws when the pair is not valid now */
export function identityOf({ certificate, key }: IssuedCertificate): TlsIdentity {
  const names = { certificateName: 'certificate', keyName: 'key' };
  const checked = checkTlsPair({ certificate, key, ...names }, Date.now());
  if (!checked.ok) throw new Error(checked.error.message);
  return checked.value;
}
