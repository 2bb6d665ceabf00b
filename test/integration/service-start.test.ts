import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdir, readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { createCli } from '../support/cli.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { cluster, startService } from '../support/world.ts';

/** What keeps `mesh rebalancer serve` from starting: a code, an exit code, and nothing touched. */
const nobody = 'http://127.0.0.1:1';
const serve = ['rebalancer', 'serve', '--cluster', cluster, '--fleet', nobody, '--dev'];
const anyPort = ['--listen', '127.0.0.1:0'];
const cli = createCli();
let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('a data directory', () => {
  test("that holds somebody else's files is refused and left as it is", async () => {
    const path = folder.file('foreign');
    await mkdir(path);
    await Bun.write(`${path}/notes.txt`, 'mine');
    const [problem] = await cli.refused([...serve, ...anyPort, '--data-dir', path], { exit: 5 });
    expect([problem?.code, problem?.subject]).toEqual(['DATA_DIRECTORY_FOREIGN', path]);
    expect(problem?.message).toContain('notes.txt');
    expect(await readdir(path)).toEqual(['notes.txt']);
  });

  test('whose store is a database of another program is refused', async () => {
    const path = folder.file('other-program');
    await mkdir(path);
    const db = new Database(`${path}/store.sqlite`);
    db.run('CREATE TABLE diary (day TEXT)');
    db.close();
    const [problem] = await cli.refused([...serve, ...anyPort, '--data-dir', path], { exit: 5 });
    expect(problem?.code).toBe('DATA_DIRECTORY_FOREIGN');
  });

  test('that a newer program wrote is refused, and still opens with that program', async () => {
    const path = folder.file('newer');
    await (await startService([...anyPort, '--fleet', nobody, '--data-dir', path])).stop();
    const version = changeVersion(path, (now) => now + 1);
    const [problem] = await cli.refused([...serve, ...anyPort, '--data-dir', path], { exit: 5 });
    expect(problem?.code).toBe('DATA_DIRECTORY_NEWER');
    expect(changeVersion(path, (now) => now - 1)).toBe(version - 1);
    await (await startService([...anyPort, '--fleet', nobody, '--data-dir', path])).stop();
  });

  test('that another service uses is refused, and the other goes on', async () => {
    const path = folder.file('locked');
    const first = await startService([...anyPort, '--fleet', nobody, '--data-dir', path]);
    try {
      const [problem] = await cli.refused([...serve, ...anyPort, '--data-dir', path], { exit: 5 });
      expect([problem?.code, problem?.value]).toEqual(['DATA_DIRECTORY_LOCKED', first.pid]);
      await createCli({ service: first }).run(['status']);
    } finally {
      await first.stop();
    }
  });

  test('whose holder was killed is free again', async () => {
    const path = folder.file('left');
    await (await startService([...anyPort, '--fleet', nobody, '--data-dir', path])).stop('SIGKILL');
    expect(await (await startService([...anyPort, '--fleet', nobody, '--data-dir', path])).stop()).toBe(0);
  });

  test('that cannot be made is refused', async () => {
    const file = await folder.write('a-file', '');
    const [problem] = await cli.refused([...serve, ...anyPort, '--data-dir', `${file}/data`], { exit: 2 });
    expect([problem?.code, problem?.subject]).toEqual(['FILE_UNREADABLE', `${file}/data`]);
  });
});

describe('an address', () => {
  test('that is in use is refused', async () => {
    const [server, port] = await occupyPort();
    try {
      const [problem] = await cli.refused(
        [...serve, '--listen', `127.0.0.1:${port}`, '--data-dir', folder.file('port')],
        { exit: 7 },
      );
      expect([problem?.code, problem?.value]).toEqual(['LISTEN_FAILED', port]);
    } finally {
      server.close();
    }
  });

  test('that others can reach is refused without TLS, also with --dev', async () => {
    const [problem] = await cli.refused(
      [...serve, '--listen', '0.0.0.0:0', '--data-dir', folder.file('open')],
      { exit: 5 },
    );
    expect([problem?.code, problem?.value]).toEqual(['LISTEN_INSECURE', '0.0.0.0']);
  });

  test('on loopback is refused without --dev', async () => {
    const args = serve.filter((each) => each !== '--dev');
    const [problem] = await cli.refused([...args, ...anyPort, '--data-dir', folder.file('open')], {
      exit: 5,
    });
    expect(problem?.code).toBe('LISTEN_INSECURE');
  });
});

describe('a configuration', () => {
  test.each([
    [['--listen', 'nonsense'], 'listen'],
    [['--listen', '127.0.0.1:99999'], 'listen'],
    [['--fleet', 'ftp://fleet'], 'fleet'],
    [['--cluster', 'Not A Name'], 'cluster'],
    [['-n', 'orders', '-n', 'orders'], 'namespaces'],
  ] as const)('with %p is refused with the name of the field', async (args, field) => {
    const [problem] = await cli.refused([...serve, ...anyPort, '--data-dir', folder.file('none'), ...args], {
      exit: 2,
    });
    expect([problem?.code, problem?.field]).toEqual(['CONFIG_INVALID', field]);
    expect(await readdir(folder.path)).not.toContain('none');
  });

  test('whose file of client authorities has no certificate is refused, and the file is named', async () => {
    const file = await folder.write('client-ca.pem', 'no certificate');
    const { certificate, key } = await ownCertificate();
    const config = await folder.write(
      'client-ca.yaml',
      `dev: true\nfleet: ${nobody}\nlisten: 127.0.0.1:0\ndataDir: ${folder.file('client-ca')}\n` +
        `tls: { certificate: ${certificate}, key: ${key}, clientCa: ${file} }\n`,
    );
    const [problem] = await cli.refused(['rebalancer', 'serve', '--config', config], { exit: 2 });
    expect([problem?.code, problem?.subject]).toEqual(['TLS_CERTIFICATE_INVALID', file]);
  });

  test('file is read, and flags go before it', async () => {
    const file = await folder.write(
      'mesh.yaml',
      `cluster: from-file\nnamespaces: [payments]\nfleet: ${nobody}\nlisten: 127.0.0.1:0\ndev: true\ndataDir: ${folder.file('configured')}\n`,
    );
    const service = await startService(['--config', file]);
    try {
      expect(service.ready).toMatchObject({
        cluster,
        namespaces: ['orders'],
        dataDir: folder.file('configured'),
      });
    } finally {
      await service.stop();
    }
  });

  test.each([
    ['a field that nobody knows', 'fleeet: http://127.0.0.1:1', 'FIELD_UNKNOWN'],
    ['no YAML', 'cluster: [', 'INPUT_MALFORMED'],
    ['a list', '- a', 'INPUT_MALFORMED'],
  ])('file with %s is refused', async (_, text, code) => {
    const file = await folder.write('bad.yaml', text);
    const [problem] = await cli.refused([...serve, ...anyPort, '--config', file], { exit: 2 });
    expect(problem?.code).toBe(code);
  });
});

/** Files of a certificate that a service with `--dev` has made. */
async function ownCertificate() {
  const path = folder.file('certified');
  await (await startService([...anyPort, '--fleet', nobody, '--data-dir', path])).stop();
  return { certificate: `${path}/dev/server.pem`, key: `${path}/dev/server.key` };
}

/** Changes the version that a store says it has; answers the one it then has. */
function changeVersion(dataDir: string, change: (now: number) => number): number {
  const db = new Database(`${dataDir}/store.sqlite`);
  const row = db.query<{ user_version: number }, []>('PRAGMA user_version').get();
  const version = change(row?.user_version ?? 0);
  db.run(`PRAGMA user_version = ${version}`);
  db.close();
  return version;
}

async function occupyPort(): Promise<readonly [Server, number]> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was had');
  return [server, address.port];
}
