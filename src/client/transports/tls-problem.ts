import type { Problem } from '../../domain/problem.ts';
import type { Endpoint } from './endpoint.ts';

/** What kept a TCP or TLS connection from being made, as a problem that says what to do. */
export function connectionProblem(error: unknown, endpoint: Endpoint): Problem {
  const { origin, host, serverName } = endpoint;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const untrusted = untrustedTexts.get(code);
  if (untrusted) {
    return {
      code: 'SERVICE_UNTRUSTED',
      message: `the certificate of ${origin} cannot be trusted: ${untrusted.what(message)}`,
      subject: origin,
      limit: serverName ?? host,
      remedy: untrusted.remedy,
    };
  }
  if (foreignCodes.has(code)) {
    return {
      code: 'SERVICE_FOREIGN',
      message: `what answers at ${origin} does not speak TLS`,
      subject: origin,
      remedy: 'Check the port; a rebalancer is reached by https://, a simulated fleet by http://.',
    };
  }
  return {
    code: 'SERVICE_UNREACHABLE',
    message: `the rebalancer at ${origin} does not answer: ${message}`,
    subject: origin,
    remedy: `Check that it runs and that ${origin} is its address (--address or MESH_ADDRESS).`,
  };
}

interface Untrusted {
  readonly what: (message: string) => string;
  readonly remedy: string;
}

const unknownAuthority: Untrusted = {
  what: () => 'it is from an authority that is not known here',
  remedy:
    'Name the file of the authority that signed it with --ca (MESH_CA); with --dev it is DATA-DIR/dev/ca.pem.',
};
const outOfTime = (what: string): Untrusted => ({
  what: () => what,
  remedy: 'Renew the certificate of the service; if it is valid, set the clock of this machine.',
});
const clientRefused: Untrusted = {
  what: () => 'the service wants a certificate of the client',
  remedy: 'Give one with --client-cert and --client-key.',
};

const untrustedTexts: ReadonlyMap<string, Untrusted> = new Map([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT', unknownAuthority],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknownAuthority],
  ['SELF_SIGNED_CERT_IN_CHAIN', unknownAuthority],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', unknownAuthority],
  ['CERT_SIGNATURE_FAILURE', unknownAuthority],
  ['CERT_HAS_EXPIRED', outOfTime('it has expired')],
  ['CERT_NOT_YET_VALID', outOfTime('it is not valid yet')],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    {
      what: (message) => message.replace(/^.*altnames: /, '').trim(),
      remedy:
        'Use an address that the certificate names, or say which of its names is meant with --server-name.',
    },
  ],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', clientRefused],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', clientRefused],
]);

const foreignCodes: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'EPROTO',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);
