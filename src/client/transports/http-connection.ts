import type { UniversalClientFn } from '@connectrpc/connect/protocol';
import type { Result } from '../../base/result.ts';
import type { HttpVersion } from '../../domain/http-version.ts';

/** A connection that is there. */
export interface HttpConnection {
  readonly version: HttpVersion;
  /** Milliseconds from the first packet until requests could be sent. */
  readonly handshakeMs: number;
  /** What the other side showed of itself; absent without TLS, and over HTTP/3, whose library does not tell. */
  readonly certificate?: ServerCertificate;
  readonly send: UniversalClientFn;
  /** Whether new requests can be sent. */
  isOpen(): boolean;
  close(): Promise<void>;
}

export interface ServerCertificate {
  /** `CN=rebalancer, O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** `DNS:localhost`, `IP:127.0.0.1`. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly tlsVersion: string;
}

/** A connection that is being made. */
export interface Opening<E> {
  /** Resolves when the first packet goes out; what had to be loaded before is not the network's time. */
  readonly begun: Promise<void>;
  readonly done: Promise<Result<HttpConnection, E>>;
  /** Whether anything came back so far. */
  heard(): boolean;
  /** Stops it; `done` then ends with an error. Returns what can be said about it so far. */
  giveUp(): E;
}
