import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MeshProcess } from '../../scripts/support/mesh-process.ts';
import { createStaticToken } from '../../src/client/credentials/token-source.ts';
import { createMeshClient, type MeshClient, type MeshClientOptions } from '../../src/client/mesh-client.ts';

/** The token that a service with `--dev` made. */
export function devToken(service: Pick<MeshProcess, 'ready'>, name = 'admin'): string {
  return readFileSync(join(String(service.ready.tokens), `${name}.jwt`), 'utf8').trim();
}

/** The certificate authority that a service with `--dev` made, PEM. */
export function devAuthority(service: Pick<MeshProcess, 'ready'>): string {
  return readFileSync(String(service.ready.ca), 'utf8');
}

/** The shared client, with what a service with `--dev` made; close it. */
export function connectTo(
  service: Pick<MeshProcess, 'ready' | 'url'>,
  options: Partial<MeshClientOptions> & { readonly as?: string } = {},
): MeshClient {
  const { as, ...others } = options;
  return createMeshClient({
    address: service.url,
    ca: devAuthority(service),
    token: createStaticToken(devToken(service), 'a test'),
    ...(as ? { principal: as } : {}),
    ...others,
  });
}
