import { createTestAuthority, type IssuedCertificate } from '../../transport/certificates.testing.ts';

export type TestCertificate = IssuedCertificate;

const authority = await createTestAuthority();

/** PEM; signed all that follows. */
export const testAuthority = authority.certificate;
/** PEM; signed nothing. */
export const otherAuthority = (await createTestAuthority()).certificate;

/** For localhost and 127.0.0.1. */
export const serverCertificate = await authority.issue('rebalancer');
/** The same, and over. */
export const expiredCertificate = await authority.issue('rebalancer', { notAfter: Date.now() - 60_000 });
/** For another name. */
export const elsewhereCertificate = await authority.issue('elsewhere', { names: ['DNS:elsewhere.example'] });
