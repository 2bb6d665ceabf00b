import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MeshProcess, startMesh } from '../../scripts/support/mesh-process.ts';

/** What one needs to call a service with `--dev`. */
export interface Place {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  /** Token of an administrator. */
  readonly token: string;
}

/** A simulated fleet, and services that look after it, as users run them. */
export interface Stage extends AsyncDisposable {
  /** Starts a service; the settings are those of its configuration file. */
  serve(settings?: Readonly<Record<string, unknown>>): Promise<Served>;
  readonly folder: string;
}

export interface Served {
  readonly service: MeshProcess;
  readonly place: Place;
  /** Folder of the tokens. */
  readonly tokens: string;
}

export const namespace = 'bench';

/** @param size flags of `mesh fleet simulate` */
export async function openStage(size: readonly string[]): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-api-'));
  const names = ['--cluster', 'bench', '-n', namespace];
  const fleet = await startMesh(['fleet', 'simulate', '--listen', '127.0.0.1:0', ...names, ...size]);
  const running = [fleet];
  let started = 0;
  return {
    folder,
    async serve(settings = {}) {
      started += 1;
      const file = join(folder, `${started}.json`);
      const config = {
        ...{ cluster: 'bench', namespaces: [namespace], listen: '127.0.0.1:0', dev: true },
        ...{ fleet: fleet.url, dataDir: join(folder, String(started)), logLevel: 'error' },
        ...settings,
      };
      writeFileSync(file, JSON.stringify(config));
      const service = await startMesh(['rebalancer', 'serve', '--config', file], { onLog: console.error });
      running.push(service);
      const tokens = String(service.ready.tokens);
      const place = {
        url: service.url,
        ca: readFileSync(String(service.ready.ca), 'utf8'),
        token: readFileSync(join(tokens, 'admin.jwt'), 'utf8').trim(),
      };
      return { service, place, tokens };
    },
    async [Symbol.asyncDispose]() {
      for (const each of running.reverse()) await each.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
