import { dirname, resolve } from 'node:path';
import { type TransportChoice, transportChoices } from '../../client/transports/transport-choice.ts';
import { ProblemError } from '../../domain/problem.ts';
import { closestName } from '../../wire/closest-name.ts';
import { parseAddress } from '../address.ts';
import type { CliContext } from '../cli-context.ts';
import type { GlobalOptions } from '../global-options.ts';
import { defaultAddress } from './default-address.ts';
import type { Profile } from './profile.ts';
import { profilePath, readProfileFile } from './profile-file.ts';

/** Where a setting is from: the first of these that has it. */
export type SettingOrigin = 'flag' | 'environment' | 'profile' | 'default';

export interface Setting<T> {
  readonly value: T;
  readonly origin: SettingOrigin;
  /** By which name it was given: `--address`, `MESH_ADDRESS`, `profiles.admin.address`; empty for a default. */
  readonly name: string;
}

/** How the service is reached, and as whom. Paths are absolute. */
export interface ClientSettings {
  readonly address: Setting<string>;
  readonly transport: Setting<TransportChoice>;
  readonly ca?: Setting<string>;
  readonly serverName?: Setting<string>;
  readonly token?: Setting<TokenSetting>;
  readonly clientCertificate?: Setting<string>;
  readonly clientKey?: Setting<string>;
  readonly namespace?: Setting<string>;
  readonly principal?: Setting<string>;
  /** Milliseconds. */
  readonly timeoutMs?: Setting<number>;
  /** Name of the profile in force. */
  readonly profile?: Setting<string>;
}

export interface TokenSetting {
  readonly kind: 'text' | 'file' | 'command';
  /** The token itself, the path, or the command. */
  readonly value: string;
}

/**
 * What is in force: a flag goes before the environment, that before the profile, that before the default.
 *
 * @throws ProblemError FIELD_INVALID with the name by which the wrong value was given; what the profile file has
 */
export async function resolveClientSettings(
  context: CliContext,
  options: GlobalOptions,
): Promise<ClientSettings> {
  const chosen = await chosenProfile(context, options);
  const { env, folder } = context;
  const beside = dirname(profilePath(context));

  const given = (flag: FlagName, variable: string, key: keyof Profile): Setting<string> | undefined => {
    const option = options[flag];
    if (option !== undefined) return { value: String(option), origin: 'flag', name: flagNames[flag] };
    if (env[variable]) return { value: env[variable], origin: 'environment', name: variable };
    return ofProfile(chosen, key);
  };
  const path = (setting: Setting<string> | undefined): Setting<string> | undefined =>
    setting && { ...setting, value: resolve(setting.origin === 'profile' ? beside : folder, setting.value) };

  const address = given('address', 'MESH_ADDRESS', 'address') ?? byDefault(defaultAddress);
  const transport = given('transport', 'MESH_TRANSPORT', 'transport') ?? byDefault('auto');
  const timeout = given('timeout', '', 'timeoutSeconds');
  const settings: Partials<ClientSettings> = {
    address: { ...address, value: parseAddress(address.value, address.name || '--address', defaultAddress) },
    transport: { ...transport, value: transportChoice(transport) },
    ca: path(given('ca', 'MESH_CA', 'ca')),
    serverName: given('serverName', 'MESH_SERVER_NAME', 'serverName'),
    token: tokenSetting(context, options, chosen, beside),
    clientCertificate: path(given('clientCert', 'MESH_CLIENT_CERT', 'clientCertificate')),
    clientKey: path(given('clientKey', 'MESH_CLIENT_KEY', 'clientKey')),
    namespace: env.MESH_NAMESPACE
      ? { value: env.MESH_NAMESPACE, origin: 'environment', name: 'MESH_NAMESPACE' }
      : ofProfile(chosen, 'namespace'),
    principal: given('as', 'MESH_PRINCIPAL', 'principal'),
    timeoutMs: timeout && { ...timeout, value: Number(timeout.value) * 1000 },
    profile: chosen && { value: chosen.profile, origin: chosen.origin, name: chosen.name },
  };
  return withoutAbsent(settings);
}

type FlagName = 'address' | 'transport' | 'ca' | 'serverName' | 'clientCert' | 'clientKey' | 'as' | 'timeout';

const flagNames: Readonly<Record<FlagName, string>> = {
  address: '--address',
  transport: '--transport',
  ca: '--ca',
  serverName: '--server-name',
  clientCert: '--client-cert',
  clientKey: '--client-key',
  as: '--as',
  timeout: '--timeout',
};

interface ChosenProfile {
  readonly profile: string;
  readonly origin: SettingOrigin;
  readonly name: string;
  readonly values: Profile;
}

/** The profile that was named, or the file's current one; the file need not exist. */
async function chosenProfile(
  context: CliContext,
  options: GlobalOptions,
): Promise<ChosenProfile | undefined> {
  const named: Omit<ChosenProfile, 'values'> | undefined =
    options.profile !== undefined
      ? { profile: options.profile, origin: 'flag', name: '--profile' }
      : context.env.MESH_PROFILE
        ? { profile: context.env.MESH_PROFILE, origin: 'environment', name: 'MESH_PROFILE' }
        : undefined;
  const path = profilePath(context);
  if (!named && !(await context.exists(path))) return undefined;
  const { current, profiles } = await readProfileFile(context);
  const chosen =
    named ??
    (current === undefined ? undefined : { profile: current, origin: 'profile' as const, name: 'current' });
  if (!chosen) return undefined;
  const values = profiles.get(chosen.profile);
  if (values) return { ...chosen, values };
  throw unknownProfile(chosen.profile, chosen.name, [...profiles.keys()], path);
}

export function unknownProfile(
  profile: string,
  field: string,
  known: readonly string[],
  path: string,
): ProblemError {
  const near = closestName(profile, known);
  return new ProblemError({
    code: 'FIELD_INVALID',
    message: `there is no profile ${profile}${near ? `; did you mean ${near}?` : ''}`,
    field,
    value: profile,
    limit: known.join(', ') || 'none is written yet',
    subject: path,
    remedy: 'mesh config list shows the profiles; mesh config set --profile NAME address URL writes one.',
  });
}

function ofProfile(chosen: ChosenProfile | undefined, key: keyof Profile): Setting<string> | undefined {
  const value = chosen?.values[key];
  if (chosen === undefined || value === undefined || value === '') return undefined;
  return { value: String(value), origin: 'profile', name: `profiles.${chosen.profile}.${key}` };
}

function byDefault(value: string): Setting<string> {
  return { value, origin: 'default', name: '' };
}

function tokenSetting(
  { env, folder }: CliContext,
  options: GlobalOptions,
  chosen: ChosenProfile | undefined,
  beside: string,
): Setting<TokenSetting> | undefined {
  const file = (path: string, from: string): TokenSetting => ({ kind: 'file', value: resolve(from, path) });
  if (options.tokenFile !== undefined)
    return { value: file(options.tokenFile, folder), origin: 'flag', name: '--token-file' };
  const { MESH_TOKEN, MESH_TOKEN_FILE, MESH_TOKEN_COMMAND } = env;
  if (MESH_TOKEN)
    return { value: { kind: 'text', value: MESH_TOKEN }, origin: 'environment', name: 'MESH_TOKEN' };
  if (MESH_TOKEN_FILE)
    return { value: file(MESH_TOKEN_FILE, folder), origin: 'environment', name: 'MESH_TOKEN_FILE' };
  if (MESH_TOKEN_COMMAND)
    return {
      value: { kind: 'command', value: MESH_TOKEN_COMMAND },
      origin: 'environment',
      name: 'MESH_TOKEN_COMMAND',
    };
  const fromFile = ofProfile(chosen, 'tokenFile');
  if (fromFile) return { ...fromFile, value: file(fromFile.value, beside) };
  const command = ofProfile(chosen, 'tokenCommand');
  return command && { ...command, value: { kind: 'command', value: command.value } };
}

function transportChoice({ value, name }: Setting<string>): TransportChoice {
  const choice = transportChoices.find((each) => each === value);
  if (choice) return choice;
  throw new ProblemError({
    code: 'FIELD_INVALID',
    message: `"${value}" is no transport`,
    field: name,
    value,
    limit: transportChoices.join(', '),
    remedy: 'auto prefers HTTP/3 and takes HTTP/2 or HTTP/1.1 where it cannot be had.',
  });
}

type Partials<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Absent settings are left out rather than undefined. */
function withoutAbsent(settings: Partials<ClientSettings>): ClientSettings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as unknown as ClientSettings;
}
