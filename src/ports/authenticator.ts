import type { Result } from '../base/result.ts';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';

/** What a caller shows of itself. */
export interface Credentials {
  readonly headers: Headers;
  /** Verified by TLS against the configured authorities; absent where none was shown or the transport has none. */
  readonly clientCertificate?: ClientCertificate;
}

/** What rules about client certificates look at. */
export interface ClientCertificate {
  /** Attributes of the subject by their short names: `CN`, `OU`, `O`; several values are joined by a comma. */
  readonly subject: Readonly<Record<string, string>>;
  /** With their kinds, as OpenSSL prints them: `DNS:agent.example`, `URI:spiffe://mesh/agent`, `email:a@example`. */
  readonly subjectAltNames: readonly string[];
  /** SHA-256 over the DER form, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** Learns from its credentials who asks. Problem: UNAUTHENTICATED. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<Result<Principal, Problem>>;
}
