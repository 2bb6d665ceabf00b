import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  boolean,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  time,
  utf8String,
} from './der.ts';

/**
 * Makes X.509 certificates (RFC 5280), signed by ECDSA with SHA-256, as development needs them. A library for this would be
 * 24 packages and a megabyte of the executable.
 */

export interface CertificateRequest {
  readonly use: AuthorityUse | EndpointUse;
  readonly subject: readonly NamePart[];
  readonly issuer: readonly NamePart[];
  /** Of the subject; only its public half gets into the certificate. */
  readonly key: KeyObject;
  /** Of the issuer, private. */
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

const attributeTypes = { CN: '2.5.4.3', OU: '2.5.4.11', O: '2.5.4.10' } as const;
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const altNameTags: Readonly<Record<string, number>> = { email: 1, DNS: 2, URI: 6, IP: 7 };
/** `keyCertSign` and `cRLSign`; `digitalSignature`: bits from the left, and how many of the byte are not used. */
const keyUsages = {
  authority: { bits: 0x06, unused: 1 },
  endpoint: { bits: 0x80, unused: 7 },
} as const;
const purposeIds = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/** The certificate in PEM form. */
export function makeCertificate(request: CertificateRequest): string {
  const algorithm = sequence(objectIdentifier(ecdsaWithSha256));
  const content = sequence(
    tagged(0, 'constructed', integer(Buffer.from([2]))),
    // RFC 5280 section 4.1.2.2: positive, up to 20 octets.
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(request.issuer),
    sequence(time(request.notBefore), time(request.notAfter)),
    distinguishedName(request.subject),
    publicKeyOf(request.key),
    tagged(3, 'constructed', sequence(...extensionsOf(request))),
  );
  const der = sequence(content, algorithm, bitString(sign('sha256', content, request.issuerKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function publicKeyOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** Of a key, as subject and authority key identifiers name it (RFC 7093 section 2). */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(publicKeyOf(key)).digest().subarray(0, 20);
}

function distinguishedName(parts: readonly NamePart[]): Buffer {
  return sequence(
    ...parts.map(({ type, value }) =>
      set(sequence(objectIdentifier(attributeTypes[type]), utf8String(value))),
    ),
  );
}

function extensionsOf({ use, key, issuerKey }: CertificateRequest): readonly Buffer[] {
  const { bits, unused } = keyUsages[use.kind];
  return [
    extension('2.5.29.15', true, bitString(Buffer.from([bits]), unused)),
    extension('2.5.29.14', false, octetString(keyIdentifier(key))),
    extension('2.5.29.35', false, sequence(tagged(0, 'primitive', keyIdentifier(issuerKey)))),
    ...(use.kind === 'authority' ? authorityExtensions(use) : endpointExtensions(use)),
  ];
}

/**
 * Who has a constrained authority in the store of a browser trusts it for no other host of the network. Addresses are left
 * out of the constraints, because BoringSSL, which Bun uses, refuses every certificate below one on them.
 */
function authorityExtensions({ within }: AuthorityUse): readonly Buffer[] {
  const basics = extension('2.5.29.19', true, sequence(boolean(true), integer(Buffer.from([0]))));
  if (within === undefined) return [basics];
  const permitted = tagged(0, 'constructed', sequence(altName(`DNS:${within}`)));
  return [basics, extension('2.5.29.30', true, sequence(permitted))];
}

function endpointExtensions({ purposes, names }: EndpointUse): readonly Buffer[] {
  const ids = purposes.map((purpose) => objectIdentifier(purposeIds[purpose]));
  return [
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.37', false, sequence(...ids)),
    ...(names.length > 0 ? [extension('2.5.29.17', false, sequence(...names.map(altName)))] : []),
  ];
}

function extension(type: string, isCritical: boolean, value: Uint8Array): Buffer {
  const critical = isCritical ? [boolean(true)] : [];
  return sequence(objectIdentifier(type), ...critical, octetString(value));
}

function altName(name: string): Buffer {
  const kind = name.slice(0, name.indexOf(':'));
  const value = name.slice(kind.length + 1);
  const tag = altNameTags[kind];
  if (tag === undefined) throw new Error(`no kind of name: ${name}`);
  return tagged(tag, 'primitive', kind === 'IP' ? addressBytes(value) : Buffer.from(value));
}

/** IPv4, and of IPv6 the one address that is needed. */
function addressBytes(address: string): Buffer {
  if (address === '::1') return Buffer.from([...Array.from({ length: 15 }, () => 0), 1]);
  if (isIP(address) !== 4) throw new Error(`no address that a certificate of ours names: ${address}`);
  return Buffer.from(address.split('.').map(Number));
}
