import { away, type ErrorEntry, invalid } from './error-entry.ts';

/** What goes wrong on the caller's side, before the service has said anything. */
export const clientEntries = {
  SERVICE_UNTRUSTED: {
    ...away,
    meaning: 'The certificate of the service is not one that the client trusts.',
    remedy: 'Name the authority that signed it (--ca), or the name that it is made for (--server-name).',
  },
  SERVICE_FOREIGN: {
    ...away,
    meaning: 'Something answers at the address, and it is not a rebalancer.',
    remedy: 'Check the address and its scheme: https:// for a rebalancer.',
  },
  TRANSPORT_INSECURE: {
    ...invalid,
    meaning: 'A credential would travel in clear text.',
    remedy: 'Use an https:// address.',
  },
  TOKEN_UNAVAILABLE: {
    grpc: 'UNAUTHENTICATED',
    http: 401,
    meaning: 'The token could not be had: its file cannot be read or its command failed.',
    remedy: 'Run the command by hand, or check the path and the rights of the file.',
  },
  CREDENTIAL_UNREADABLE: {
    ...invalid,
    meaning: 'The authorities, the certificate or the key that the client was given cannot be read.',
    remedy: 'Give files in PEM form: a certificate, and the key that belongs to it.',
  },
  CONFIRMATION_REQUIRED: {
    ...invalid,
    meaning:
      'The command changes something that cannot simply be taken back, and nobody is there to confirm it.',
    remedy: 'Add --yes.',
  },
} as const satisfies Record<string, ErrorEntry>;
