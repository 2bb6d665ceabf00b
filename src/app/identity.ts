import { createCertificateAuthenticator } from '../adapters/identity-certificates/certificate-authenticator.ts';
import type { DevIdentity } from '../adapters/identity-dev/dev-identity.ts';
import { createJwtAuthenticator } from '../adapters/identity-jwt/jwt-authenticator.ts';
import { defaultClaims, type JwtIssuer } from '../adapters/identity-jwt/jwt-issuer.ts';
import type { Fetch } from '../adapters/identity-jwt/load-key-text.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Principal } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import { withRoles } from '../domain/role.ts';
import { unauthenticated } from '../domain/unauthenticated.ts';
import type { Authenticator, ClientCertificate } from '../ports/authenticator.ts';
import type { AuthConfig } from './config/auth-section.ts';

/** All the ways in which the service learns who asks. */
export interface Identity {
  readonly authenticator: Authenticator;
  /** Stops keeping key sets fresh. */
  close(): void;
}

export interface IdentityParts {
  readonly auth: AuthConfig;
  /** With `--dev` only. */
  readonly dev?: DevIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The global one, unless a test says otherwise. */
  readonly fetch?: Fetch;
}

/**
 * A call is judged by its bearer token if it has an `authorization` header, and by its client certificate only if it has
 * none: a bad token is never made good by a certificate. Roles add to what tokens of the configured issuers and
 * certificates grant; development credentials keep what they are made for. Problem: CONFIG_INVALID for a file of keys
 * that has none.
 */
export async function createIdentity(parts: IdentityParts): Promise<Result<Identity, readonly Problem[]>> {
  const { auth, dev, clock, random, log } = parts;
  const issuers = dev ? [...auth.jwt, devJwtIssuer(dev)] : auth.jwt;
  const jwt = await createJwtAuthenticator({ issuers, clock, random, log, fetch: parts.fetch ?? fetch });
  if (!jwt.ok) return jwt;
  const { verify, close } = jwt.value;
  const certificates = createCertificateAuthenticator(auth.certificates, clock);

  async function byToken(headers: Headers): Promise<Result<Principal, Problem>> {
    const verified = await verify(headers);
    if (!verified.ok) return verified;
    const { principal, issuer } = verified.value;
    return dev?.issuer.issuer === issuer
      ? dev.actingAs(principal, headers)
      : ok(withRoles(principal, auth.roles));
  }

  async function byCertificate(
    headers: Headers,
    clientCertificate: ClientCertificate,
  ): Promise<Result<Principal, Problem>> {
    const devPrincipal = dev?.principalOf(clientCertificate);
    if (dev && devPrincipal) return dev.actingAs(devPrincipal, headers);
    const principal = await certificates.authenticate({ headers, clientCertificate });
    return principal.ok ? ok(withRoles(principal.value, auth.roles)) : principal;
  }

  const missing = missingCredential(parts);
  return ok({
    authenticator: {
      async authenticate({ headers, clientCertificate }) {
        if (headers.has('authorization')) return byToken(headers);
        return clientCertificate ? byCertificate(headers, clientCertificate) : err(missing);
      },
    },
    close,
  });
}

function devJwtIssuer({ issuer }: DevIdentity): JwtIssuer {
  return {
    issuer: issuer.issuer,
    audiences: [issuer.audience],
    algorithms: [issuer.algorithm],
    clockLeewaySeconds: devLeewaySeconds,
    keys: { kind: 'file', path: issuer.keySet },
    claims: { ...defaultClaims, groups: '', namespaces: '' },
    prefix: '',
  };
}

/** Both clocks are this machine's; it may have been set back a little meanwhile. */
const devLeewaySeconds = 60;

function missingCredential({ auth, dev }: IdentityParts): Problem {
  const accepted = [
    ...(auth.jwt.length > 0 || dev ? ['a bearer token in the header "authorization"'] : []),
    ...(auth.certificates.length > 0 || dev ? ['a client certificate'] : []),
  ].join(' or ');
  if (accepted === '') {
    return unauthenticated(
      'the request carries no credential, and this service accepts none',
      'Have its operator configure "auth", or start it with --dev.',
    );
  }
  const where = dev ? `; tokens for trying out are in ${dev.files.tokens}` : '';
  return unauthenticated('the request carries no credential', `Give ${accepted}${where}.`);
}
