import { away, type ErrorEntry, invalid } from './error-entry.ts';

/** What goes wrong before a call reaches the API: certificates, and requests that no listener takes. */
export const transportEntries = {
  TLS_CERTIFICATE_INVALID: {
    ...invalid,
    meaning: 'The certificate, its key or the authority of clients cannot be used.',
    remedy: 'Give PEM files of a certificate chain that is valid now and of the key that belongs to it.',
  },
  HTTP3_UNAVAILABLE: {
    ...away,
    meaning: 'HTTP/3 cannot be served here.',
    remedy: 'Use HTTP/2, or an executable for a platform that has HTTP/3.',
  },
  REQUEST_MALFORMED: {
    ...invalid,
    meaning: 'The request is not a valid HTTP message.',
    remedy: 'Correct what is named.',
  },
  REQUEST_HEADERS_TOO_LARGE: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 431,
    meaning: 'The headers of the request are too many or too long.',
    remedy: 'Send fewer or shorter headers.',
  },
  REQUEST_URL_TOO_LONG: {
    grpc: 'INVALID_ARGUMENT',
    http: 414,
    meaning: 'The path and query of the request are too long.',
    remedy: 'Put what is long into a body.',
  },
  REQUEST_TIMED_OUT: {
    grpc: 'DEADLINE_EXCEEDED',
    http: 408,
    meaning: 'The request did not arrive whole in time.',
    remedy: 'Send it again, faster.',
  },
} as const satisfies Record<string, ErrorEntry>;
