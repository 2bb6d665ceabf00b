import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from '@peculiar/asn1-x509';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type GeneralNameType,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { AuthorityUse, CertificateRequest, EndpointUse, NamePart } from './make-certificate.ts';

/** Builds and signs X.509 certificates (RFC 5280). Loaded by `make-certificate.ts` alone, which says why. */

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const altNameTypes: ReadonlyMap<string, GeneralNameType> = new Map([
  ['email', 'email'],
  ['DNS', 'dns'],
  ['URI', 'url'],
  ['IP', 'ip'],
]);
const purposeIds = { server: ExtendedKeyUsage.serverAuth, client: ExtendedKeyUsage.clientAuth } as const;

/** The certificate in PEM form, signed by ECDSA with SHA-256. */
export async function signCertificate(request: CertificateRequest): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    subject: distinguishedName(request.subject),
    issuer: distinguishedName(request.issuer),
    notBefore: new Date(request.notBefore),
    notAfter: new Date(request.notAfter),
    publicKey: publicKeyOf(request.key),
    signingKey: await crypto.subtle.importKey(
      'pkcs8',
      request.issuerKey.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      false,
      ['sign'],
    ),
    extensions: extensionsOf(request),
  });
  return `${certificate.toString('pem')}\n`;
}

function publicKeyOf(key: KeyObject): Buffer<ArrayBuffer> {
  return Buffer.from(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}

/** Of a key, as subject and authority key identifiers name it (RFC 7093 section 2), in hexadecimal. */
function keyIdentifier(key: KeyObject): string {
  return createHash('sha256').update(publicKeyOf(key)).digest('hex').slice(0, 40);
}

function distinguishedName(parts: readonly NamePart[]): Name {
  return new Name(parts.map(({ type, value }) => ({ [type]: [{ utf8String: value }] })));
}

function extensionsOf({ use, key, issuerKey }: CertificateRequest): Extension[] {
  return [
    new SubjectKeyIdentifierExtension(keyIdentifier(key)),
    new AuthorityKeyIdentifierExtension(keyIdentifier(issuerKey)),
    ...(use.kind === 'authority' ? authorityExtensions(use) : endpointExtensions(use)),
  ];
}

/**
 * Who has a constrained authority in the store of a browser trusts it for no other host of the network. Addresses are left
 * out of the constraints, because BoringSSL, which Bun uses, refuses every certificate below one on them.
 */
function authorityExtensions({ within }: AuthorityUse): readonly Extension[] {
  const usual = [
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    new BasicConstraintsExtension(true, 0, true),
  ];
  if (within === undefined) return usual;
  const subtree = new GeneralSubtree({ base: new GeneralName({ dNSName: within }) });
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees([subtree]) });
  return [...usual, new Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints))];
}

function endpointExtensions({ purposes, names }: EndpointUse): readonly Extension[] {
  return [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new BasicConstraintsExtension(false, undefined, true),
    new ExtendedKeyUsageExtension(purposes.map((purpose) => purposeIds[purpose])),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names.map(altName))] : []),
  ];
}

function altName(name: string): JsonGeneralName {
  const kind = name.slice(0, name.indexOf(':'));
  const type = altNameTypes.get(kind);
  if (type === undefined) throw new Error(`no kind of name: ${name}`);
  return { type, value: name.slice(kind.length + 1) };
}
