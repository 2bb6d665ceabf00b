import { join, resolve } from 'node:path';
import { createTokenCommand } from '../../client/credentials/token-command.ts';
import { createTokenFile } from '../../client/credentials/token-file.ts';
import { createStaticToken, type TokenSource } from '../../client/credentials/token-source.ts';
import { createMeshClient, type MeshClient } from '../../client/mesh-client.ts';
import type { ClientCertificateFiles } from '../../client/transports/endpoint.ts';
import type { Connected } from '../../client/transports/negotiating-transport.ts';
import type { TransportMemory } from '../../client/transports/transport-memory.ts';
import { createTransportMemoryFile } from '../../client/transports/transport-memory-file.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { CliContext } from '../cli-context.ts';
import type { ClientSettings } from './client-settings.ts';

/** The client that the settings describe. Its files are read here; what is wrong with them is FILE_UNREADABLE. */
export async function openClient(
  context: CliContext,
  settings: ClientSettings,
  onConnect: (connected: Connected) => void,
): Promise<MeshClient> {
  const { address, transport, serverName, principal, timeoutMs } = settings;
  const token = tokenSource(context, settings);
  const ca = await authorities(context, settings);
  const clientCertificate = await clientCertificateFiles(context, settings);
  return createMeshClient({
    address: address.value,
    transport: transport.value,
    clock: context.clock,
    random: context.random,
    memory: transportMemory(context),
    onConnect,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName ? { serverName: serverName.value } : {}),
    ...(clientCertificate ? { clientCertificate } : {}),
    ...(token ? { token } : {}),
    ...(principal ? { principal: principal.value } : {}),
    ...(timeoutMs ? { timeoutMs: timeoutMs.value } : {}),
    ...(context.transport ? { rpcTransport: context.transport } : {}),
  });
}

/** Folder of what is only kept to be faster: MESH_CACHE, or `mesh` where the system keeps such things. */
export function cacheFolder({ env, folder }: Pick<CliContext, 'env' | 'folder'>): string {
  if (env.MESH_CACHE) return resolve(folder, env.MESH_CACHE);
  return join(env.XDG_CACHE_HOME || join(env.HOME || env.USERPROFILE || folder, '.cache'), 'mesh');
}

export function transportMemory(context: CliContext): TransportMemory {
  return createTransportMemoryFile(join(cacheFolder(context), 'transports.json'), context.clock);
}

export function tokenSource(
  { clock }: Pick<CliContext, 'clock'>,
  { token }: ClientSettings,
): TokenSource | undefined {
  if (!token) return undefined;
  const { kind, value } = token.value;
  if (kind === 'file') return createTokenFile(value);
  return kind === 'command' ? createTokenCommand(value, clock) : createStaticToken(value, token.name);
}

export async function authorities(context: CliContext, { ca }: ClientSettings): Promise<string | undefined> {
  if (!ca) return undefined;
  const text = await readText(context, ca.value);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new ProblemError({
    code: 'FIELD_INVALID',
    message: `there is no certificate in ${ca.value}`,
    field: ca.name,
    value: ca.value,
    limit: 'certificates in PEM form',
    remedy: 'Name the file of the authority that signed the certificate of the service.',
  });
}

export async function clientCertificateFiles(
  context: CliContext,
  { clientCertificate, clientKey }: ClientSettings,
): Promise<ClientCertificateFiles | undefined> {
  if (!clientCertificate && !clientKey) return undefined;
  if (clientCertificate && clientKey)
    return {
      certificate: await readText(context, clientCertificate.value),
      key: await readText(context, clientKey.value),
    };
  throw new ProblemError({
    code: 'FIELD_REQUIRED',
    message: 'a client certificate needs its key, and a key its certificate',
    field: clientCertificate ? '--client-key' : '--client-cert',
    remedy: 'Name both, or none.',
  });
}

async function readText(context: CliContext, path: string): Promise<string> {
  return new TextDecoder().decode(await context.readFile(path));
}
