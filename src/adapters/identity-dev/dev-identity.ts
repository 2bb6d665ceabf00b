import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { grantEach, type Principal } from '../../domain/principal.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import type { ClientCertificate } from '../../ports/authenticator.ts';
import { actingPrincipal } from './acting-principal.ts';
import { ensureCertificates } from './dev-certificates.ts';
import { type DevFolder, openDevFolder } from './dev-folder.ts';
import { profileText } from './dev-profile.ts';
import { devPrincipalId, devScopes } from './dev-scopes.ts';
import { devAlgorithm, devAudience, devIssuer, ensureTokens, keySetFile } from './dev-tokens.ts';

/** Credentials for trying the service out on one machine, all in one folder; whoever can read it is every principal. */
export interface DevIdentity {
  /** Absolute paths. */
  readonly files: DevFiles;
  /** What the tokens are verified by. */
  readonly issuer: DevIssuer;
  /** Whom one of our client certificates stands for; undefined for all others, and for one that has expired. */
  principalOf(certificate: ClientCertificate): Principal | undefined;
  /** The principal of one of our credentials, or the one whom the header `x-meshkit-principal` names. Problem: UNAUTHENTICATED. */
  actingAs(principal: Principal, headers: Headers): Result<Principal, Problem>;
  /**
   * Writes the file of profiles for the command line.
   *
   * @param address URL of the service
   * @returns its path. Problem: FILE_UNREADABLE
   */
  writeProfiles(address: string): Result<string, Problem>;
}

export interface DevFiles {
  readonly ca: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** Folder. */
  readonly tokens: string;
  /** Folder. */
  readonly clients: string;
}

export interface DevIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithm: 'ES256';
  /** Path of a JSON Web Key Set. */
  readonly keySet: string;
}

export interface DevIdentityParts {
  /** Absolute path. The caller has it to itself: it lies in a data directory whose lock is held. */
  readonly folder: string;
  readonly clock: Clock;
}

/**
 * Makes what is missing in the folder, renews what is about to expire and leaves the rest as it is; one that was killed
 * on the way goes on. Problems: DEV_CREDENTIALS_DAMAGED, FILE_UNREADABLE.
 */
export async function createDevIdentity({
  folder: path,
  clock,
}: DevIdentityParts): Promise<Result<DevIdentity, Problem>> {
  try {
    const folder = openDevFolder(path);
    const clients = await ensureCertificates(folder, clock.now());
    await ensureTokens(folder, clock.now());
    return ok({
      files: {
        ca: folder.pathOf('ca.pem'),
        serverCertificate: folder.pathOf('server.pem'),
        serverKey: folder.pathOf('server.key'),
        tokens: folder.pathOf('tokens'),
        clients: folder.pathOf('clients'),
      },
      issuer: {
        issuer: devIssuer,
        audience: devAudience,
        algorithm: devAlgorithm,
        keySet: folder.pathOf(keySetFile),
      },
      principalOf(certificate) {
        const isExpired = clock.now() >= certificate.notAfter;
        const name = isExpired ? undefined : clients.get(certificate.fingerprint256);
        return name && { id: devPrincipalId(name), groups: [], grants: grantEach(devScopes[name]) };
      },
      actingAs: actingPrincipal,
      writeProfiles: (address) => writeProfiles(folder, address),
    });
  } catch (thrown) {
    if (thrown instanceof ProblemError) return err(thrown.problems[0]);
    throw thrown;
  }
}

function writeProfiles(folder: DevFolder, address: string): Result<string, Problem> {
  try {
    folder.write('config.yaml', profileText(address));
    return ok(folder.pathOf('config.yaml'));
  } catch (thrown) {
    if (thrown instanceof ProblemError) return err(thrown.problems[0]);
    throw thrown;
  }
}
