import { readFile } from 'node:fs/promises';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { checkTlsPair, type TlsIdentity } from './tls-identity.ts';

/** Where a listener has its certificate from. */
export interface TlsSource {
  readonly current: TlsIdentity;
  /** Calls back with every new identity until the returned function is called. */
  subscribe(onChange: (identity: TlsIdentity) => void): () => void;
  /** Stops watching. */
  close(): void;
}

export interface TlsFiles {
  /** Path of the PEM chain, the server's own certificate first. */
  readonly certificate: string;
  /** Path of its key. */
  readonly key: string;
  readonly log: Log;
  /** When the files are looked at, and what "now" a certificate must be valid at. */
  readonly clock?: Clock;
}

/** Certificates are renewed days before their end; the files are small. */
const pollMs = 10_000;

/**
 * Reads a certificate and its key and watches both files. A change is taken up when both fit together; what does not fit
 * (half of it is written, or it is no certificate) is logged once, and the last good pair stays. Problems: FILE_UNREADABLE,
 * TLS_CERTIFICATE_INVALID.
 */
export async function openTlsSource(files: TlsFiles): Promise<Result<TlsSource, Problem>> {
  const clock = files.clock ?? systemClock;
  const first = await readPair(files, clock.now());
  if (!first.ok) return first;
  let current = first.value;
  let lastProblem = '';
  const listeners = new Set<(identity: TlsIdentity) => void>();
  const stopped = new AbortController();

  async function look(): Promise<void> {
    const read = await readPair(files, clock.now());
    if (!read.ok) {
      if (read.error.message !== lastProblem)
        files.log.warn('a new certificate is not taken', { problem: read.error.message });
      lastProblem = read.error.message;
      return;
    }
    lastProblem = '';
    const isSame = read.value.certificate === current.certificate && read.value.key === current.key;
    if (isSame || stopped.signal.aborted) return;
    current = read.value;
    files.log.info('a new certificate is taken', {
      fingerprint: current.fingerprint256,
      notAfter: new Date(current.notAfter).toISOString(),
    });
    for (const listener of listeners) listener(current);
  }
  async function watch(): Promise<void> {
    for (;;) {
      await clock.sleep(pollMs, stopped.signal);
      if (stopped.signal.aborted) return;
      await look();
    }
  }
  watch().catch((error) =>
    files.log.error('the certificate is not watched any more', { error: String(error) }),
  );
  return ok({
    get current() {
      return current;
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    close: () => stopped.abort(),
  });
}

/** Shows one certificate for good. */
export function fixedTlsSource(identity: TlsIdentity): TlsSource {
  return { current: identity, subscribe: () => () => {}, close: () => {} };
}

async function readPair(files: TlsFiles, now: number): Promise<Result<TlsIdentity, Problem>> {
  const certificate = await readText(files.certificate);
  if (!certificate.ok) return certificate;
  const key = await readText(files.key);
  if (!key.ok) return key;
  return checkTlsPair(
    {
      certificate: certificate.value,
      key: key.value,
      certificateName: files.certificate,
      keyName: files.key,
    },
    now,
  );
}

async function readText(path: string): Promise<Result<string, Problem>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    return err({
      code: 'FILE_UNREADABLE',
      message: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      subject: path,
    });
  }
}
