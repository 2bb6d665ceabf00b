import { isAbsolute, resolve } from 'node:path';
import type { SecretSource, WebhookEndpoint } from '../../adapters/webhook/http-webhook-sender.ts';
import { maxSecrets, parseSecret, secretForm } from '../../adapters/webhook/webhook-signature.ts';
import { isLoopback } from '../../base/loopback.ts';
import { type EventType, eventTypes } from '../../domain/event.ts';
import type { Webhook } from '../../domain/webhook.ts';
import { fieldsOf, textOf, textsOf, type Wrong } from './section-fields.ts';

/** A receiver of events: what it wants, and how it is reached. */
export interface WebhookConfig {
  readonly webhook: Webhook;
  readonly endpoint: WebhookEndpoint;
}

const fields = [
  'name',
  'url',
  'secret',
  'secretFile',
  'events',
  'namespaces',
  'timeoutSeconds',
  'maxAttempts',
  'ca',
] as const;
type Given = Readonly<Partial<Record<(typeof fields)[number], unknown>>>;

/** Each reads the whole feed and writes its position after every event. */
const maxWebhooks = 20;
/** A receiver should answer first and work later; a minute is more than any proxy on the way waits. */
const maxTimeoutSeconds = 60;
const defaultTimeoutSeconds = 10;
/** The waits of twelve attempts add up to about 20 minutes: longer than a deployment of the receiver. */
const defaultMaxAttempts = 12;
/** With the longest wait between them, about four hours for one event. */
const mostAttempts = 30;
/** What is shown in the place of a value that is none of the reader's business. */
const hidden = '(hidden)';

const urlRule = 'an https:// URL without user and password; http:// only to localhost, 127.0.0.0/8 or [::1]';
const nameRule =
  'of 1 to 63 lower-case letters, digits, dots, dashes or underscores, beginning with a letter or digit';

/**
 * The section `webhooks` of the configuration: a list, empty when it is absent.
 *
 * @param wrong called for every value that is not allowed; secrets are never among the values
 * @param folder what relative paths are relative to
 */
export function resolveWebhooks(input: unknown, wrong: Wrong, folder: string): readonly WebhookConfig[] {
  if (input === undefined) return [];
  if (!Array.isArray(input) || input.length > maxWebhooks) {
    wrong('webhooks', Array.isArray(input) ? input.length : input, `a list of at most ${maxWebhooks}`);
    return [];
  }
  const resolved = input.flatMap((each, index) => resolveOne(each, `webhooks[${index}]`, wrong, folder));
  const names = new Set<string>();
  for (const { webhook } of resolved) {
    if (names.has(webhook.name)) wrong('webhooks', webhook.name, 'every name once');
    names.add(webhook.name);
  }
  return resolved;
}

function resolveOne(input: unknown, at: string, wrong: Wrong, folder: string): readonly WebhookConfig[] {
  const given = fieldsOf(input, at, fields, wrong);
  if (!given) return [];
  const path = (value: string): string => (isAbsolute(value) ? value : resolve(folder, value));
  const name = textOf(given.name, `${at}.name`, nameRule, wrong, isName);
  const url = urlOf(given.url, `${at}.url`, wrong);
  const secret = secretOf(given, at, wrong, path);
  const events = textsOf(given.events, `${at}.events`, eventTypes.join(', '), wrong, isEventType);
  const namespaces = textsOf(given.namespaces, `${at}.namespaces`, nameRule, wrong, isName);
  const timeoutSeconds = wholeOf(
    given.timeoutSeconds,
    defaultTimeoutSeconds,
    maxTimeoutSeconds,
    (value, limit) => wrong(`${at}.timeoutSeconds`, value, limit),
  );
  const maxAttempts = wholeOf(given.maxAttempts, defaultMaxAttempts, mostAttempts, (value, limit) =>
    wrong(`${at}.maxAttempts`, value, limit),
  );
  const ca =
    given.ca === undefined
      ? undefined
      : textOf(given.ca, `${at}.ca`, 'the path of a PEM file', wrong, (text) => text !== '');
  if (name === undefined || !url || !secret || !events || !namespaces) return [];
  return [
    {
      webhook: {
        name,
        url: `${url.origin}${url.pathname}`,
        events: events.filter(isEventType),
        namespaces,
        maxAttempts,
      },
      endpoint: {
        name,
        endpoint: url.href,
        timeoutMs: timeoutSeconds * 1_000,
        secret,
        ...(ca === undefined ? {} : { ca: path(ca) }),
      },
    },
  ];
}

function isName(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,62}$/.test(text);
}

function isEventType(text: string): text is EventType {
  return eventTypes.some((type) => type === text);
}

function urlOf(value: unknown, field: string, wrong: Wrong): URL | undefined {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const hasCredentials = url !== undefined && (url.username !== '' || url.password !== '');
  const allowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && allowed && !hasCredentials) return url;
  wrong(field, hasCredentials ? hidden : value, urlRule);
  return undefined;
}

/** What messages are signed with; undefined when it was wrong or is missing. */
function secretOf(
  given: Given,
  at: string,
  wrong: Wrong,
  path: (value: string) => string,
): SecretSource | undefined {
  const { secret, secretFile } = given;
  if (secret !== undefined && secretFile !== undefined) {
    wrong(`${at}.secretFile`, secretFile, 'either secret or secretFile');
    return undefined;
  }
  if (secretFile !== undefined) {
    if (typeof secretFile === 'string' && secretFile !== '') return { file: path(secretFile) };
    wrong(`${at}.secretFile`, secretFile, `the path of a file with 1 to ${maxSecrets} secrets, one a line`);
    return undefined;
  }
  const texts: readonly unknown[] = Array.isArray(secret) ? secret : [secret];
  const secrets = texts.flatMap((text) => {
    const parsed = typeof text === 'string' ? parseSecret(text) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });
  if (secrets.length === texts.length && texts.length >= 1 && texts.length <= maxSecrets) return { secrets };
  wrong(
    `${at}.secret`,
    secret === undefined ? undefined : hidden,
    `${secretForm}; a list of ${maxSecrets} while the secret is changed; or secretFile`,
  );
  return undefined;
}

function wholeOf(
  value: unknown,
  byDefault: number,
  most: number,
  wrong: (value: unknown, limit: string) => void,
): number {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  wrong(value, `a whole number from 1 to ${most}`);
  return byDefault;
}
