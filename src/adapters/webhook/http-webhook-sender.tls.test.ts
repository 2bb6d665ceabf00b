import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEvent, sampleTime } from '../../ports/store-samples.testing.ts';
import { createTestAuthority } from '../../transport/certificates.testing.ts';
import { createHttpWebhookSender } from './http-webhook-sender.ts';

const folder = mkdtempSync(join(tmpdir(), 'webhook-tls-'));
const ca = join(folder, 'ca.pem');
let server: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  const authority = await createTestAuthority();
  writeFileSync(ca, authority.certificate);
  const { certificate: cert, key } = await authority.issue('receiver');
  server = Bun.serve({ hostname: '127.0.0.1', port: 0, tls: { key, cert }, fetch: () => new Response() });
});
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true });
});

function deliver(trusted: { readonly ca?: string }) {
  const sender = createHttpWebhookSender({
    endpoints: [
      {
        name: 'pager',
        endpoint: `https://localhost:${server.port}/`,
        timeoutMs: 2_000,
        secret: { secrets: [new Uint8Array(32)] },
        ...trusted,
      },
    ],
    clock: { now: () => sampleTime },
    version: '1.2.3',
  });
  return sender.deliver('pager', { ...sampleEvent(), sequence: 1 }, new AbortController().signal);
}

test('a receiver whose certificate comes from the authority that was named is trusted', async () => {
  expect(await deliver({ ca })).toMatchObject({ accepted: true, status: 200 });
});

test('a receiver whose certificate comes from anybody else gets nothing', async () => {
  expect(await deliver({})).toMatchObject({ accepted: false, status: 0 });
});

test('a file of authorities that is not there is said to be missing', async () => {
  expect((await deliver({ ca: join(folder, 'nope.pem') })).message).toContain('certificate authorities');
});
