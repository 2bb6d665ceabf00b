/** What the registry says about a code. */
export interface ErrorEntry {
  /** gRPC status code name. */
  readonly grpc: GrpcStatus;
  readonly http: number;
  /** What it means, as a sentence. */
  readonly meaning: string;
  /** What to do about it in general. */
  readonly remedy: string;
}

export type GrpcStatus =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RESOURCE_EXHAUSTED'
  | 'OUT_OF_RANGE'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'INTERNAL';

// The statuses that many codes share: why something is refused decides under which status it travels.

/** What was sent is wrong, whatever the state of the service. */
export const invalid = { grpc: 'INVALID_ARGUMENT', http: 400 } as const;
/** Somebody else was faster; reading again and repeating helps. */
export const conflict = { grpc: 'ABORTED', http: 409 } as const;
/** The revision that the caller named is no longer the newest (`If-Match`). */
export const precondition = { grpc: 'FAILED_PRECONDITION', http: 412 } as const;
/** What is there is in a state in which this is not possible. */
export const state = { grpc: 'FAILED_PRECONDITION', http: 409 } as const;
export const missing = { grpc: 'NOT_FOUND', http: 404 } as const;
/** A rule of the policy says no. */
export const blocked = { grpc: 'FAILED_PRECONDITION', http: 422 } as const;
/** The other side does not answer. */
export const away = { grpc: 'UNAVAILABLE', http: 503 } as const;
export const forbidden = { grpc: 'PERMISSION_DENIED', http: 403 } as const;
/** Something took longer than its deadline. */
export const late = { grpc: 'DEADLINE_EXCEEDED', http: 504 } as const;
/** Somebody stopped it. */
export const cancelled = { grpc: 'CANCELLED', http: 409 } as const;
/** A bound is reached; trying later may help. */
export const overloaded = { grpc: 'RESOURCE_EXHAUSTED', http: 429 } as const;
export const bug = { grpc: 'INTERNAL', http: 500 } as const;
