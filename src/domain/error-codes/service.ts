import {
  away,
  bug,
  cancelled,
  conflict,
  type ErrorEntry,
  forbidden,
  invalid,
  late,
  missing,
  overloaded,
} from './error-entry.ts';

/** What goes wrong between a client, the service, the fleet and other replicas of the service. */
export const serviceEntries = {
  FLEET_UNREACHABLE: {
    ...away,
    meaning: 'The fleet does not answer.',
    remedy: 'Check its address and that it runs.',
  },
  SERVICE_UNREACHABLE: {
    ...away,
    meaning: 'The rebalancer does not answer.',
    remedy: 'Check its address and that it runs.',
  },
  SERVICE_STOPPING: { ...away, meaning: 'The service is shutting down.', remedy: 'Try again in a moment.' },
  LEASE_LOST: {
    ...conflict,
    meaning: 'Another replica of the service owns the namespace now.',
    remedy: 'Nothing: that one goes on.',
  },
  REVISION_CONFLICT: {
    ...conflict,
    meaning: 'Something changed between reading and writing.',
    remedy: 'Repeat the command.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    ...conflict,
    meaning: 'The idempotency key was used for another request.',
    remedy: 'Use a new key for a new request.',
  },
  CURSOR_INVALID: {
    ...invalid,
    meaning: 'The page cursor is not one of ours, or of another query.',
    remedy: 'Begin again without a cursor.',
  },
  RESUME_TOKEN_INVALID: {
    grpc: 'OUT_OF_RANGE',
    http: 400,
    meaning: 'The resume token is from the future or is no longer retained.',
    remedy: 'List the current state, then watch without a token.',
  },
  WATCHER_TOO_SLOW: {
    ...overloaded,
    meaning: 'The watcher did not keep up and was cut off.',
    remedy: 'Resume with the token given.',
  },
  UNAUTHENTICATED: {
    grpc: 'UNAUTHENTICATED',
    http: 401,
    meaning: 'The request has no valid credential.',
    remedy: 'Give one.',
  },
  PERMISSION_DENIED: {
    ...forbidden,
    meaning: 'The credential lacks the scope or the namespace.',
    remedy: 'Use one that has the scope named.',
  },
  RATE_LIMITED: {
    ...overloaded,
    meaning: 'The principal sends more requests than it may.',
    remedy: 'Wait as long as Retry-After says, and send fewer.',
  },
  ROUTE_NOT_FOUND: {
    ...missing,
    meaning: 'The service has nothing at that path.',
    remedy: 'Compare the path with docs/openapi.json.',
  },
  METHOD_NOT_ALLOWED: {
    ...invalid,
    http: 405,
    meaning: 'The path does not take that HTTP method.',
    remedy: 'Use one that the header Allow names.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    ...invalid,
    http: 415,
    meaning: 'The body is of a type or an encoding that the service does not read.',
    remedy: 'Send application/json, plain or gzip.',
  },
  REQUEST_TOO_LARGE: {
    ...overloaded,
    http: 413,
    meaning: 'The request is larger than the service reads.',
    remedy: 'Send it in parts.',
  },
  CALL_TIMEOUT: {
    ...late,
    meaning: 'The deadline of the call passed.',
    remedy: 'Give it more time, or ask for less.',
  },
  CALL_CANCELLED: { ...cancelled, http: 499, meaning: 'The caller gave the call up.', remedy: 'Nothing.' },
  INTERNAL: {
    ...bug,
    meaning: 'A bug: the service did not expect what happened.',
    remedy: 'Report it with the log around its time.',
  },
} as const satisfies Record<string, ErrorEntry>;
