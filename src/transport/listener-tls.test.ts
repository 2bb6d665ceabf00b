import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import type { UniversalClientRequest } from '@connectrpc/connect/protocol';
import type { ClientCertificate } from '../ports/authenticator.ts';
import { clientCertificateKey } from './call-context.ts';
import type { IssuedCertificate } from './certificates.testing.ts';
import { createTestAuthority, identityOf } from './certificates.testing.ts';
import { connectH3 } from './h3-client.testing.ts';
import { createListenerBench, failure, type ListenerBench, readText, until } from './listener.testing.ts';
import type { TlsIdentity } from './tls-identity.ts';
import type { TlsSource } from './tls-source.ts';

let bench: ListenerBench;
beforeAll(async () => {
  bench = await createListenerBench();
});
afterEach(() => bench.close());

function request(path: string): UniversalClientRequest {
  return { url: `https://localhost:${bench.port}${path}`, method: 'GET', header: new Headers() };
}

/** Whose certificate a new TCP connection is shown. */
function shownName(options: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        port: bench.port,
        host: 'localhost',
        ca: bench.authority.certificate,
        ALPNProtocols: ['h2'],
        ...options,
      },
      () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

/** A source whose certificate a test changes. */
function changingSource(first: TlsIdentity): TlsSource & { change(identity: TlsIdentity): void } {
  const listeners = new Set<(identity: TlsIdentity) => void>();
  let current = first;
  return {
    get current() {
      return current;
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    close: () => {},
    change(identity) {
      current = identity;
      for (const each of listeners) each(identity);
    },
  };
}

describe('a new certificate', () => {
  test('is shown to new connections over TCP, and streams that are open go on', async () => {
    const tls = changingSource(identityOf(await bench.authority.issue('one')));
    await bench.start({ tls });
    expect(await shownName()).toBe('one');
    const fetch = await bench.client('h2');
    const response = await fetch(request('/hang'));
    tls.change(identityOf(await bench.authority.issue('two')));
    expect(await shownName()).toBe('two');
    expect(await readText(await fetch(request('/size/5')))).toBe('xxxxx');
    expect(response.status).toBe(200);
    expect(bench.service.aborted).not.toContain('/hang');
    expect(String(await failure(shownName({ maxVersion: 'TLSv1.2' })))).toContain('PROTOCOL_VERSION');
  });

  test('is shown over HTTP/3 once no call is under way', async () => {
    const tls = changingSource(identityOf(await bench.authority.issue('one')));
    await bench.start({ tls });
    const before = await bench.h3();
    const response = await before.fetch(request('/hang'));
    const other = await createTestAuthority();
    tls.change(identityOf(await other.issue('two')));
    // The old endpoint goes on as long as it is used.
    expect(await readText(await before.fetch(request('/size/5')))).toBe('xxxxx');
    expect(response.status).toBe(200);
    await before.close();
    await until(() => bench.service.aborted.includes('/hang'));
    await until(() => bench.noted.some((each) => each.message === 'HTTP/3 shows the new certificate'));
    // The client believes the other authority alone, so that it was the new certificate that it saw.
    const after = await connectH3(bench.port, other.certificate);
    bench.defer(() => after.close());
    expect(await readText(await after.fetch(request('/size/5')))).toBe('xxxxx');
  });

  test('that cannot wait cuts what is under way over HTTP/3', async () => {
    const soon = { ...identityOf(await bench.authority.issue('one')), notAfter: Date.now() + 60_000 };
    const tls = changingSource(soon);
    await bench.start({ tls });
    const before = await bench.h3();
    const ended = failure(before.fetch(request('/hang')).then(readText));
    await until(() => bench.service.begun.includes('/hang'));
    tls.change(identityOf(await bench.authority.issue('two')));
    expect(await ended).toBeInstanceOf(Error);
    await until(() => bench.noted.some((each) => each.message === 'HTTP/3 shows the new certificate'));
    expect(await readText(await (await bench.h3()).fetch(request('/size/5')))).toBe('xxxxx');
  });
});

describe('TLS', () => {
  test('1.2 is refused unless it is allowed', async () => {
    await bench.start();
    expect(String(await failure(shownName({ maxVersion: 'TLSv1.2' })))).toContain('PROTOCOL_VERSION');
    await bench.start({ minTlsVersion: '1.2' });
    expect(await shownName({ maxVersion: 'TLSv1.2' })).toBe('localhost');
  });
});

describe('a client certificate', () => {
  const seen: Array<ClientCertificate | undefined> = [];
  const start = () => {
    seen.length = 0;
    return bench.start({
      clientCa: bench.authority.certificate,
      createHandler: () => async (call) => {
        seen.push(call.contextValues?.get(clientCertificateKey));
        return { status: 204 };
      },
    });
  };
  async function callWith(certificate: IssuedCertificate | undefined): Promise<void> {
    const session = connectHttp2(`https://localhost:${bench.port}`, {
      ca: bench.authority.certificate,
      ...(certificate ? { cert: certificate.certificate, key: certificate.key } : {}),
    });
    bench.defer(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    await new Promise((resolve, reject) => {
      stream.once('response', resolve);
      stream.once('error', reject);
      session.once('error', reject);
    });
  }

  test('that the authority signed is known to the handler', async () => {
    await start();
    const subject = [
      { type: 'O' as const, value: 'Mesh' },
      { type: 'OU' as const, value: 'agents' },
      { type: 'CN' as const, value: 'agent 1' },
    ];
    const names = ['DNS:agent.example', 'URI:spiffe://mesh/agent', 'email:a@example'];
    await callWith(await bench.authority.issue('x', { subject, names }));
    expect(seen[0]?.subject).toEqual({ O: 'Mesh', OU: 'agents', CN: 'agent 1' });
    expect(seen[0]?.subjectAltNames).toEqual(names);
    expect(seen[0]?.fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(seen[0]?.notAfter).toBeGreaterThan(Date.now());
  });

  test('that another authority signed, and none at all, are let in as nobody', async () => {
    await start();
    await callWith(await (await createTestAuthority()).issue('stranger'));
    await callWith(undefined);
    expect(seen).toEqual([undefined, undefined]);
  });
});
