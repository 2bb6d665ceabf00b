import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { type DevFolder, damaged } from './dev-folder.ts';
import { type DevName, devNames, devPrincipalId, devScopes } from './dev-scopes.ts';
import { type CertificateRequest, makeCertificate, type NamePart } from './make-certificate.ts';

/** Fingerprints (as `ClientCertificate.fingerprint256`) of the client certificates that were made. */
export type DevClients = ReadonlyMap<string, DevName>;

const dayMs = 86_400_000;
/** Clocks that go behind ours find the certificates valid as well. */
const backdatedMs = 5 * 60_000;
const authority = { days: 365, renewBelowDays: 120 };
/** The authority outlives what it signs. */
const leaf = { days: 90, renewBelowDays: 30 };

const authorityName: readonly NamePart[] = [
  { type: 'O', value: 'MeshKit Rebalancer' },
  { type: 'CN', value: 'Development authority of one data directory' },
];

/**
 * Sees to an authority, a certificate of the server and one for each client in the folder: what is there and valid for
 * long enough stays; what is missing, about to expire or of another authority or key is made.
 *
 * @param now milliseconds since the epoch
 * @throws ProblemError DEV_CREDENTIALS_DAMAGED for a key that is none, FILE_UNREADABLE
 */
export async function ensureCertificates(folder: DevFolder, now: number): Promise<DevClients> {
  const issuerKey = ensureKey(folder, 'ca.key');
  const made = { folder, now, issuerKey };
  await ensureCertificate(made, 'ca', {
    use: { kind: 'authority', within: 'localhost' },
    subject: authorityName,
  });
  await ensureCertificate(made, 'server', {
    use: {
      kind: 'endpoint',
      purposes: ['server'],
      names: ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'],
    },
    subject: [{ type: 'CN', value: 'localhost' }],
  });
  const clients = new Map<string, DevName>();
  for (const name of devNames) {
    const certificate = await ensureCertificate(made, `clients/${name}`, {
      use: {
        kind: 'endpoint',
        purposes: ['client'],
        // A common name that looks like a host's would break the authority's constraints if there were none of these.
        names: [`DNS:${devPrincipalId(name)}.localhost`, `URI:urn:meshkit:dev:${name}`],
      },
      subject: [
        { type: 'OU', value: devScopes[name].at(-1) ?? '' },
        { type: 'CN', value: devPrincipalId(name) },
      ],
    });
    clients.set(certificate.fingerprint256, name);
  }
  return clients;
}

/** A private key on P-256; made where the file does not exist. */
export function ensureKey(folder: DevFolder, name: string): KeyObject {
  const text = folder.read(name);
  if (text === undefined) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    folder.write(name, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    return privateKey;
  }
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // Said below, with what to do about it.
  }
  throw damaged(folder.path, folder.pathOf(name), 'it holds no private key on P-256');
}

interface Making {
  readonly folder: DevFolder;
  readonly now: number;
  readonly issuerKey: KeyObject;
}

async function ensureCertificate(
  { folder, now, issuerKey }: Making,
  name: string,
  request: Pick<CertificateRequest, 'use' | 'subject'>,
): Promise<X509Certificate> {
  const isAuthority = request.use.kind === 'authority';
  const { days, renewBelowDays } = isAuthority ? authority : leaf;
  const key = isAuthority ? issuerKey : ensureKey(folder, `${name}.key`);
  const known = parseCertificate(folder.read(`${name}.pem`));
  const goodUntil = known ? Date.parse(known.validTo) : 0;
  const isOurs = known?.checkPrivateKey(key) && known.verify(createPublicKey(issuerKey));
  if (known && isOurs && goodUntil - now >= renewBelowDays * dayMs && Date.parse(known.validFrom) <= now) {
    return known;
  }
  const text = await makeCertificate({
    ...request,
    issuer: authorityName,
    key,
    issuerKey,
    notBefore: now - backdatedMs,
    notAfter: now + days * dayMs,
  });
  folder.write(`${name}.pem`, text);
  return new X509Certificate(text);
}

function parseCertificate(text: string | undefined): X509Certificate | undefined {
  try {
    return text === undefined ? undefined : new X509Certificate(text);
  } catch {
    return undefined;
  }
}
