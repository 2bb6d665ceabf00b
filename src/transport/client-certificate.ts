import type { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../ports/authenticator.ts';

/** The client's certificate where TLS verified it against the configured authorities; undefined for any other. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  if (!socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return undefined;
  return {
    subject: parseSubject(certificate.subject),
    subjectAltNames: parseNames(certificate.subjectAltName ?? ''),
    fingerprint256: certificate.fingerprint256,
    notAfter: Date.parse(certificate.validTo),
  };
}

/** One `NAME=value` a line, as OpenSSL prints it. */
function parseSubject(text: string | undefined): Record<string, string> {
  const subject: Record<string, string> = {};
  for (const line of (text ?? '').split('\n')) {
    const split = line.indexOf('=');
    if (split <= 0) continue;
    const name = line.slice(0, split);
    const value = line.slice(split + 1);
    subject[name] = subject[name] === undefined ? value : `${subject[name]},${value}`;
  }
  return subject;
}

/** `DNS:a.example, URI:spiffe://mesh/a`: names with commas or quotes are printed as JSON strings. */
function parseNames(text: string): readonly string[] {
  const names = text.match(/[A-Za-z ]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return names.map((each) => {
    const name = each.trim();
    const split = name.indexOf(':');
    const value = name.slice(split + 1);
    return value.startsWith('"') ? `${name.slice(0, split)}:${unquoted(value)}` : name;
  });
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
