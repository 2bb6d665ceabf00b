import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import type { MeshProcess } from '../../scripts/support/mesh-process.ts';

/** A Chromium of this machine; `CHROMIUM` names another one. */
export const chromiumPath: string | undefined = [process.env.CHROMIUM, '/usr/bin/chromium'].find(
  (path): path is string => path !== undefined && existsSync(path),
);

/** For the names of tests that are skipped without one. */
export const chromiumName = chromiumPath ? 'Chromium' : 'Chromium (there is none: CHROMIUM may name one)';

/** Chromium that speaks QUIC with a service from its first packet, and knows its certificate by its key. */
export async function openBrowser(service: Pick<MeshProcess, 'ready' | 'url'>): Promise<Browser> {
  const pem = readFileSync(join(String(service.ready.dataDir), 'dev', 'server.pem'), 'utf8');
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  const keyDigest = createHash('sha256').update(key).digest('base64');
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    ignoreDefaultArgs: ['--disable-quic'],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      `--origin-to-force-quic-on=${new URL(service.url).host}`,
      `--ignore-certificate-errors-spki-list=${keyDigest}`,
    ],
  });
}
