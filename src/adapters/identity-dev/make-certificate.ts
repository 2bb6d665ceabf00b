import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
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
 * Makes X.509 certificates (RFC 5280), signed by ECDSA with SHA-256, of the three kinds that development needs. A library
 * for this would be 24 packages and a megabyte of the executable.
 */

export interface CertificateRequest {
  readonly kind: 'authority' | 'server' | 'client';
  readonly subject: readonly NamePart[];
  readonly issuer: readonly NamePart[];
  /** Of the subject; only its public half gets into the certificate. */
  readonly key: KeyObject;
  /** Of the issuer, private. */
  readonly issuerKey: KeyObject;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly altNames: readonly AltName[];
}

/** A part of a distinguished name. */
export interface NamePart {
  readonly type: 'CN' | 'OU' | 'O';
  readonly value: string;
}

export type AltName =
  | { readonly kind: 'dns' | 'uri'; readonly value: string }
  /** 4 or 16 bytes. */
  | { readonly kind: 'ip'; readonly bytes: readonly number[] };

const attributeTypes = { CN: '2.5.4.3', OU: '2.5.4.11', O: '2.5.4.10' } as const;
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const altNameTags = { dns: 2, uri: 6, ip: 7 } as const;
/** `keyCertSign` and `cRLSign`; `digitalSignature`: bits from the left, and how many of the byte are not used. */
const keyUsages = {
  authority: { bits: 0x06, unused: 1 },
  server: { bits: 0x80, unused: 7 },
  client: { bits: 0x80, unused: 7 },
} as const;
const purposes = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

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

function extensionsOf(request: CertificateRequest): readonly Buffer[] {
  const { kind, key, issuerKey, altNames } = request;
  const { bits, unused } = keyUsages[kind];
  const extensions = [
    extension('2.5.29.15', true, bitString(Buffer.from([bits]), unused)),
    extension('2.5.29.14', false, octetString(keyIdentifier(key))),
    extension('2.5.29.35', false, sequence(tagged(0, 'primitive', keyIdentifier(issuerKey)))),
  ];
  if (kind === 'authority') {
    extensions.push(
      extension('2.5.29.19', true, sequence(boolean(true), integer(Buffer.from([0])))),
      extension('2.5.29.30', true, localhostOnly()),
    );
  } else {
    extensions.push(
      extension('2.5.29.19', true, sequence()),
      extension('2.5.29.37', false, sequence(objectIdentifier(purposes[kind]))),
      extension('2.5.29.17', false, sequence(...altNames.map(altName))),
    );
  }
  return extensions;
}

function extension(type: string, isCritical: boolean, value: Uint8Array): Buffer {
  const critical = isCritical ? [boolean(true)] : [];
  return sequence(objectIdentifier(type), ...critical, octetString(value));
}

function altName(name: AltName): Buffer {
  const bytes = name.kind === 'ip' ? Buffer.from(name.bytes) : Buffer.from(name.value);
  return tagged(altNameTags[name.kind], 'primitive', bytes);
}

/**
 * Name constraints: who has this authority in the store of a browser trusts it for no other host of the network.
 * Addresses are left out, because BoringSSL, which Bun uses, refuses every certificate below a constraint on them.
 */
function localhostOnly(): Buffer {
  return sequence(tagged(0, 'constructed', sequence(altName({ kind: 'dns', value: 'localhost' }))));
}

/** `::1` */
export const loopbackV6: readonly number[] = [...Array.from({ length: 15 }, () => 0), 1];
