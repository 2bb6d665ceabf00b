import { isAbsolute, resolve } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { listenAddressForm, parseListenAddress } from '../transport/listen-address.ts';
import { parseYaml } from '../wire/file-text.ts';
import { type AuthConfig, resolveAuth } from './config/auth-section.ts';
import { type LimitsConfig, resolveLimits } from './config/limits-section.ts';
import { resolveTls, type TlsConfig } from './config/tls-section.ts';
import { resolveWebhooks, type WebhookConfig } from './config/webhooks-section.ts';
import { type LogLevel, logLevels } from './json-log.ts';

/** What one service process runs with: a file (`--config`), overlaid by flags. */
export interface Config {
  readonly cluster: string;
  /** At least one, distinct. */
  readonly namespaces: readonly string[];
  /** Absolute path. */
  readonly dataDir: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Loopback only, with credentials made for trying it out. */
  readonly dev: boolean;
  readonly endpoints: FleetEndpoints;
  /** Absolute paths of modules that export scoring adapters. */
  readonly scoringModules: readonly string[];
  /** Absolute paths of modules that export planner extensions. */
  readonly plannerModules: readonly string[];
  /** Events that stay available for watchers that resume. */
  readonly retainedEvents: number;
  readonly logLevel: LogLevel;
  readonly auth: AuthConfig;
  /** May be absent with `dev`: the certificate is made. */
  readonly tls?: TlsConfig;
  /** Whether HTTP/3 is served beside HTTP/2. */
  readonly http3: boolean;
  readonly limits: LimitsConfig;
  readonly webhooks: readonly WebhookConfig[];
}

/** In the place of a source's URL: agents push it to this service. */
export const pushed = 'push';

/** Base URLs of the fleet's services; one process may serve them all. All but the mover may be `pushed`. */
export interface FleetEndpoints {
  readonly shards: string;
  readonly mover: string;
  readonly loads: string;
  readonly peers: string;
  readonly backpressure: string;
}

/** What may be given, in a file or by flags; everything is checked. */
export interface ConfigInput {
  readonly cluster?: unknown;
  readonly namespaces?: unknown;
  readonly dataDir?: unknown;
  readonly listen?: unknown;
  readonly dev?: unknown;
  /** URL of a process that serves all of `sources`. */
  readonly fleet?: unknown;
  readonly sources?: unknown;
  readonly scoringModules?: unknown;
  readonly plannerModules?: unknown;
  readonly retainedEvents?: unknown;
  readonly logLevel?: unknown;
  readonly auth?: unknown;
  readonly http3?: unknown;
  readonly tls?: unknown;
  readonly limits?: unknown;
  readonly webhooks?: unknown;
}

const fields: readonly (keyof ConfigInput)[] = [
  'cluster',
  'namespaces',
  'dataDir',
  'listen',
  'dev',
  'fleet',
  'sources',
  'scoringModules',
  'plannerModules',
  'retainedEvents',
  'logLevel',
  'auth',
  'http3',
  'tls',
  'limits',
  'webhooks',
];
/** Where `mesh fleet simulate` listens: what somebody who only tries things out means. */
const devFleet = 'http://127.0.0.1:7500';
const sourceNames = ['shards', 'mover', 'loads', 'peers', 'backpressure'] as const;
/** A service keeps each namespace's snapshot and controller in memory. */
const maxNamespaces = 1_000;
/** About a day of a busy cluster; a watcher that was away longer lists again. */
const defaultRetainedEvents = 200_000;

/** Parses the text of a configuration file. Problems: INPUT_MALFORMED, FIELD_UNKNOWN. */
export function parseConfigFile(text: string): Result<ConfigInput, readonly Problem[]> {
  const parsed = parseYaml(text);
  if (!parsed.ok) return parsed;
  const document = parsed.value;
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return err([
      { code: 'INPUT_MALFORMED', message: 'the configuration is not a mapping of fields to values' },
    ]);
  }
  const unknown = Object.keys(document).filter((name) => !fields.some((field) => field === name));
  if (unknown.length > 0) return err(unknown.map((name) => unknownField(name)));
  return ok(document);
}

/**
 * Checks a configuration whole and fills in defaults.
 *
 * @param folder what relative paths are relative to
 * @returns CONFIG_INVALID per field that is wrong
 */
export function resolveConfig(input: ConfigInput, folder: string): Result<Config, readonly Problem[]> {
  const problems: Problem[] = [];
  const wrong = (field: string, value: unknown, limit: string): void => {
    problems.push(invalid(field, value, limit));
  };

  const cluster = input.cluster ?? 'local';
  if (!isName(cluster)) wrong('cluster', cluster, nameRule);
  const namespaces = input.namespaces ?? ['default'];
  if (!isListOf(namespaces, isName) || namespaces.length === 0 || namespaces.length > maxNamespaces) {
    wrong('namespaces', namespaces, `1 to ${maxNamespaces} names, each ${nameRule}`);
  } else if (new Set(namespaces).size !== namespaces.length)
    wrong('namespaces', namespaces, 'every namespace once');
  const dataDir = input.dataDir ?? 'mesh-data';
  if (typeof dataDir !== 'string' || dataDir === '') wrong('dataDir', dataDir, 'a path');
  const listen = input.listen ?? '127.0.0.1:7443';
  const address = typeof listen === 'string' ? parseListenAddress(listen) : undefined;
  if (!address) wrong('listen', listen, listenAddressForm);
  const dev = input.dev ?? false;
  if (typeof dev !== 'boolean') wrong('dev', dev, 'true or false');
  const [scoringModules, plannerModules] = (['scoringModules', 'plannerModules'] as const).map((field) => {
    const paths = input[field] ?? [];
    if (!isListOf(paths, (each) => typeof each === 'string' && each !== ''))
      wrong(field, paths, 'a list of paths');
    return paths as string[];
  });
  const retainedEvents = input.retainedEvents ?? defaultRetainedEvents;
  if (!Number.isInteger(retainedEvents) || Number(retainedEvents) < 1_000)
    wrong('retainedEvents', retainedEvents, 'a whole number of at least 1000');
  const logLevel = logLevels.find((level) => level === (input.logLevel ?? 'info'));
  if (!logLevel) wrong('logLevel', input.logLevel, logLevels.join(', '));
  const http3 = input.http3 ?? true;
  if (typeof http3 !== 'boolean') wrong('http3', http3, 'true or false');
  const endpoints = resolveEndpoints(dev === true ? { fleet: devFleet, ...input } : input, wrong);
  const auth = resolveAuth(input.auth, wrong, { folder, dev: dev === true });
  const tls = resolveTls(input.tls, wrong, folder);
  const limits = resolveLimits(input.limits, wrong);
  const webhooks = resolveWebhooks(input.webhooks, wrong, folder);

  if (problems.length > 0 || !address || !logLevel || !endpoints) return err(problems);
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(folder, path));
  return ok({
    cluster: String(cluster),
    namespaces: (namespaces as string[]).map(String),
    dataDir: absolute(String(dataDir)),
    host: address.host,
    port: address.port,
    dev: dev === true,
    endpoints,
    scoringModules: scoringModules.map(absolute),
    plannerModules: plannerModules.map(absolute),
    retainedEvents: Number(retainedEvents),
    logLevel,
    http3: http3 === true,
    auth,
    ...(tls ? { tls } : {}),
    limits,
    webhooks,
  });
}

function resolveEndpoints(
  input: ConfigInput,
  wrong: (field: string, value: unknown, limit: string) => void,
): FleetEndpoints | undefined {
  const sources = input.sources ?? {};
  if (sources === null || typeof sources !== 'object' || Array.isArray(sources)) {
    wrong('sources', sources, 'a mapping of source to URL');
    return undefined;
  }
  const given = new Map<string, unknown>(Object.entries(sources));
  for (const name of given.keys()) {
    if (!sourceNames.some((each) => each === name)) wrong(`sources.${name}`, name, sourceNames.join(', '));
  }
  const urls: Partial<Record<(typeof sourceNames)[number], string>> = {};
  for (const name of sourceNames) {
    const url = given.get(name) ?? input.fleet;
    if (isHttpUrl(url)) urls[name] = url.replace(/\/+$/, '');
    else if (given.get(name) === pushed && name !== 'mover') urls[name] = pushed;
    else if (given.has(name))
      wrong(`sources.${name}`, url, name === 'mover' ? urlRule : `${urlRule}, or ${pushed}`);
    else wrong('fleet', url, urlRule);
    if (!given.has(name) && !isHttpUrl(input.fleet)) break;
  }
  const { shards, mover, loads, peers, backpressure } = urls;
  return shards && mover && loads && peers && backpressure
    ? { shards, mover, loads, peers, backpressure }
    : undefined;
}

const urlRule = 'the http:// or https:// URL of the fleet';
const nameRule =
  'of 1 to 63 lower-case letters, digits, dots, dashes or underscores, beginning with a letter or digit';

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9._-]{0,62}$/.test(value);
}

function isListOf<T>(value: unknown, isOne: (each: unknown) => boolean): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isHttpUrl(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  return ['http:', 'https:'].includes(new URL(value).protocol);
}

function invalid(field: string, value: unknown, limit: string): Problem {
  const shown =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : JSON.stringify(value);
  return {
    code: 'CONFIG_INVALID',
    message: value === undefined ? `${field} is missing` : `${field} is ${JSON.stringify(value)}`,
    field,
    ...(shown === undefined ? {} : { value: shown }),
    limit,
    remedy: `Give ${field}: ${limit}.`,
  };
}

function unknownField(name: string): Problem {
  return {
    code: 'FIELD_UNKNOWN',
    message: `the configuration has no field ${name}`,
    field: name,
    limit: fields.join(', '),
    remedy: `Remove ${name} or correct its spelling; the fields are ${fields.join(', ')}.`,
  };
}
