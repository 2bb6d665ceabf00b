import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its key, both PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** Attributes of the subject in their order, by short name. */
  readonly subject: Readonly<Partial<Record<'CN' | 'O' | 'OU', string>>>;
  /** `DNS:localhost`, `IP:127.0.0.1`, `URI:spiffe://mesh/agent`, `email:a@example`. */
  readonly names?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** A positive whole number that the issuer has not used before. */
  readonly serial: bigint;
}

/**
 * Makes an authority's own certificate: ECDSA on P-256 with SHA-256, as are all below (RFC 5280, RFC 5480). For development
 * and tests; a service's real certificate comes from its operators.
 */
export function issueAuthority(request: CertificateRequest): IssuedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const extensions = [
    extension('2.5.29.19', sequence(boolean(true)), true),
    extension('2.5.29.15', tlv(0x03, Buffer.from([0x01, 0x06])), true),
    extension('2.5.29.14', tlv(0x04, keyId(spki))),
  ];
  const subject = name(request.subject);
  return {
    certificate: signed({ request, subject, issuer: subject, spki, extensions, key, issuerSpki: spki }),
    key,
  };
}

/** Makes a certificate for servers and clients, signed by an authority. */
export function issueCertificate(
  authority: IssuedCertificate,
  request: CertificateRequest,
): IssuedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const extensions = [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', tlv(0x03, Buffer.from([0x07, 0x80])), true),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.14', tlv(0x04, keyId(spki))),
    ...(request.names?.length
      ? [extension('2.5.29.17', sequence(...request.names.map(alternativeName)))]
      : []),
  ];
  const certificate = signed({
    request,
    subject: name(request.subject),
    issuer: subjectOf(authority.certificate),
    spki,
    extensions,
    key: authority.key,
    issuerSpki: createPublicKey(createPrivateKey(authority.key)).export({ type: 'spki', format: 'der' }),
  });
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface Parts {
  readonly request: CertificateRequest;
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly spki: Buffer;
  readonly extensions: readonly Buffer[];
  /** PEM of the signing key. */
  readonly key: string;
  readonly issuerSpki: Buffer;
}

function signed({ request, subject, issuer, spki, extensions, key, issuerSpki }: Parts): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const issuerKey = extension('2.5.29.35', sequence(tlv(0x80, keyId(issuerSpki))));
  const body = sequence(
    tlv(0xa0, integer(2n)),
    integer(request.serial),
    algorithm,
    issuer,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    spki,
    tlv(0xa3, sequence(...extensions, issuerKey)),
  );
  const signature = sign('sha256', body, createPrivateKey(key));
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** The subject's bytes as they stand in a certificate: an issuer must be named by the same bytes. */
function subjectOf(certificate: string): Buffer {
  const text = new X509Certificate(certificate).subject;
  return name(Object.fromEntries(text.split('\n').map((line) => line.split('=', 2))));
}

function name(attributes: CertificateRequest['subject']): Buffer {
  const types = { CN: '2.5.4.3', O: '2.5.4.10', OU: '2.5.4.11' } as const;
  const parts = Object.entries(attributes).map(([short, value]) =>
    tlv(0x31, sequence(oid(types[short as keyof typeof types]), tlv(0x0c, Buffer.from(value)))),
  );
  return sequence(...parts);
}

function alternativeName(text: string): Buffer {
  const kind = text.slice(0, text.indexOf(':'));
  const value = text.slice(kind.length + 1);
  if (kind === 'IP') return tlv(0x87, addressBytes(value));
  const tags: Readonly<Record<string, number>> = { email: 0x81, DNS: 0x82, URI: 0x86 };
  const tag = tags[kind];
  if (tag === undefined) throw new Error(`no kind of name: ${text}`);
  return tlv(tag, Buffer.from(value));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  if (isIP(address) !== 6) throw new Error(`no IP address: ${address}`);
  const [head = '', tail] = address.split('::', 2);
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const first = groups(head);
  const last = groups(tail ?? '');
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return Buffer.from(all.map((each) => each.padStart(4, '0')).join(''), 'hex');
}

/** SHA-1 of the key's bits names it (RFC 5280, 4.2.1.2); those of P-256 are the last 65 bytes. */
function keyId(spki: Buffer): Buffer {
  return createHash('sha1').update(spki.subarray(-65)).digest();
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), tlv(0x04, value));
}

// What DER is made of (X.690).

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...bytes), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function boolean(value: boolean): Buffer {
  return tlv(0x01, Buffer.of(value ? 0xff : 0));
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return tlv(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const value of others) {
    const septets = [value & 0x7f];
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) septets.unshift((rest & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return tlv(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? tlv(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tlv(0x18, Buffer.from(`${digits}Z`));
}
