import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../base/log.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { IssuedCertificate } from './certificates.testing.ts';
import { createTestAuthority } from './certificates.testing.ts';
import type { TlsIdentity } from './tls-identity.ts';
import { openTlsSource, type TlsSource } from './tls-source.ts';

const dayMs = 86_400_000;
const authority = await createTestAuthority();
let folder: string;
let clock: VirtualClock;
let warnings: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  clock = createVirtualClock(Date.now());
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(pair: Partial<IssuedCertificate>): Promise<void> {
  if (pair.certificate !== undefined) await writeFile(join(folder, 'tls.pem'), pair.certificate);
  if (pair.key !== undefined) await writeFile(join(folder, 'tls.key'), pair.key);
}

function open() {
  return openTlsSource({
    certificate: join(folder, 'tls.pem'),
    key: join(folder, 'tls.key'),
    clock,
    log: { ...silentLog, warn: (message, fields) => warnings.push(`${message}: ${fields?.problem}`) },
  });
}

async function opened(): Promise<TlsSource> {
  const source = await open();
  if (!source.ok) throw new Error(source.error.message);
  return source.value;
}

describe('a certificate', async () => {
  test('is read with its key', async () => {
    const pair = await authority.issue('one');
    await write(pair);
    const source = await opened();
    expect(source.current).toMatchObject(pair);
    expect(source.current.notAfter).toBeGreaterThan(clock.now());
    source.close();
  });

  const pair = await authority.issue('one');
  const past = await authority.issue('past', {
    notBefore: Date.now() - 3 * dayMs,
    notAfter: Date.now() - dayMs,
  });
  const future = await authority.issue('future', {
    notBefore: Date.now() + dayMs,
    notAfter: Date.now() + 3 * dayMs,
  });
  test.each<[string, Partial<IssuedCertificate>, string, string, string]>([
    ['that is missing', { key: pair.key }, 'FILE_UNREADABLE', 'tls.pem', 'ENOENT'],
    ['without a key', { certificate: pair.certificate }, 'FILE_UNREADABLE', 'tls.key', 'ENOENT'],
    ['that is none', { ...pair, certificate: 'x' }, 'TLS_CERTIFICATE_INVALID', 'tls.pem', 'PEM'],
    ['with a key that is none', { ...pair, key: 'x' }, 'TLS_CERTIFICATE_INVALID', 'tls.key', 'PEM'],
    [
      'with the key of another',
      { ...pair, key: (await authority.issue('two')).key },
      'TLS_CERTIFICATE_INVALID',
      'tls.key',
      'not the key of',
    ],
    ['that has ended', past, 'TLS_CERTIFICATE_INVALID', 'tls.pem', 'it ended on'],
    ['that has not begun', future, 'TLS_CERTIFICATE_INVALID', 'tls.pem', 'it begins on'],
  ])('%s is refused, and the file is named', async (_name, files, code, file, reason) => {
    await write(files);
    const refused = await open();
    const problem = refused.ok ? undefined : refused.error;
    expect(problem?.code).toBe(code as never);
    expect(problem?.subject).toBe(join(folder, file));
    expect(problem?.message).toContain(reason);
  });
});

describe('a change', () => {
  test('is taken when certificate and key fit, and half of it is not', async () => {
    await write(await authority.issue('one'));
    const source = await opened();
    const changes: TlsIdentity[] = [];
    const unsubscribe = source.subscribe((identity) => changes.push(identity));
    const next = await authority.issue('two');
    await write({ certificate: next.certificate });
    await looked();
    await looked();
    expect(changes).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('tls.key cannot be used');
    await write({ key: next.key });
    await looked();
    expect(changes.map((each) => each.certificate)).toEqual([next.certificate]);
    expect(source.current.key).toBe(next.key);
    unsubscribe();
    await write(await authority.issue('three'));
    await looked();
    expect(changes).toHaveLength(1);
    expect(source.current.certificate).not.toBe(next.certificate);
    source.close();
  });
});

/** Lets the source look at its files once. */
async function looked(): Promise<void> {
  await clock.advance(10_000);
  // Files are read outside of the virtual clock.
  await new Promise((resolve) => setTimeout(resolve, 30));
}
