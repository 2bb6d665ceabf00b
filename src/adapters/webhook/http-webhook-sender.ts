import { readFile } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { WebhookAnswer, WebhookSender } from '../../ports/webhook-sender.ts';
import {
  type CloudEvent,
  cloudEventsMediaType,
  eventToCloudEvent,
  pingToCloudEvent,
} from '../../wire/cloud-event.ts';
import { retryAfterMs } from './retry-after.ts';
import { parseSecretFile, signatureHeaders } from './webhook-signature.ts';

/** How a webhook's receiver is reached. */
export interface WebhookEndpoint {
  readonly name: string;
  /** Whole, with its query. */
  readonly endpoint: string;
  /** Until its answer is there, milliseconds. */
  readonly timeoutMs: number;
  readonly secret: SecretSource;
  /** Path of the PEM file of the authorities to trust instead of the system's. */
  readonly ca?: string;
}

/** The file is read for every message, so that new secrets count at once. */
export type SecretSource = { readonly secrets: readonly Uint8Array[] } | { readonly file: string };

export interface HttpWebhookSenderDeps {
  readonly endpoints: readonly WebhookEndpoint[];
  readonly clock: Pick<Clock, 'now'>;
  /** Version of the program, for `user-agent`. */
  readonly version: string;
}

/** Of an answer's body, bytes that are read so that the connection can be used again; what is longer is cut off. */
const maxAnswerBytes = 16_384;

/**
 * Webhooks over HTTP: CloudEvents in structured mode, signed as Standard Webhooks asks for. Where messages go stands in the
 * configuration and nowhere else: redirects are answers like any other refusal, and nothing of an answer but its status
 * and `Retry-After` is used, so that nobody can look through us into a network that is not theirs.
 */
export function createHttpWebhookSender(deps: HttpWebhookSenderDeps): WebhookSender {
  const { clock, version } = deps;
  const endpoints = new Map(deps.endpoints.map((endpoint) => [endpoint.name, endpoint]));

  async function send(webhook: string, event: CloudEvent, signal: AbortSignal): Promise<WebhookAnswer> {
    const endpoint = endpoints.get(webhook);
    if (!endpoint) throw new Error(`no webhook is called ${webhook}`);
    const secrets = await readSecrets(endpoint.secret);
    if (typeof secrets === 'string') return failed(secrets);
    const ca = endpoint.ca === undefined ? undefined : await readText(endpoint.ca);
    if (endpoint.ca !== undefined && ca === undefined)
      return failed('the file of its certificate authorities cannot be read');
    const body = JSON.stringify(event);
    const deadline = AbortSignal.timeout(endpoint.timeoutMs);
    try {
      const response = await fetch(endpoint.endpoint, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([signal, deadline]),
        headers: {
          'content-type': `${cloudEventsMediaType}; charset=utf-8`,
          'user-agent': `meshkit-rebalancer/${version}`,
          ...signatureHeaders(webhookId(event), clock.now(), body, secrets),
        },
        body,
        ...(ca === undefined ? {} : { tls: { ca } }),
      });
      await discard(response);
      return answerOf(response, clock.now());
    } catch (thrown) {
      if (signal.aborted) return failed('the call was cut off');
      return failed(
        deadline.aborted ? `there was no answer within ${endpoint.timeoutMs} ms` : reasonOf(thrown),
      );
    }
  }

  return {
    deliver: (webhook, event, signal) => send(webhook, eventToCloudEvent(event), signal),
    ping: (webhook, ping, signal) => send(webhook, pingToCloudEvent(ping), signal),
  };
}

/** The event's id; a cluster may have full stops in its name, which a signed id may not. */
function webhookId(event: CloudEvent): string {
  return event.id.replaceAll('.', '%2E');
}

async function readSecrets(source: SecretSource): Promise<readonly Uint8Array[] | string> {
  if ('secrets' in source) return source.secrets;
  const text = await readText(source.file);
  if (text === undefined) return 'the file of its secret cannot be read';
  const parsed = parseSecretFile(text);
  return parsed.ok ? parsed.value : `the file of its secret is not ${parsed.error}`;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function answerOf(response: Response, now: number): WebhookAnswer {
  const { ok: accepted, status } = response;
  if (accepted) return { accepted, status, message: '' };
  const waitMs = retryAfterMs(response.headers.get('retry-after'), now);
  const message =
    status >= 300 && status < 400
      ? `the receiver answered ${status}; redirects are not followed`
      : `the receiver answered ${status}`;
  return { accepted, status, message, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
}

function failed(message: string): WebhookAnswer {
  return { accepted: false, status: 0, message };
}

/** Reads the answer's body to its end, or as far as it is allowed to go. */
async function discard(response: Response): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.length;
      if (bytes > maxAnswerBytes) return await reader.cancel();
    }
  } catch {
    // The status came, and that is what counts.
  }
}

/** The system's code rather than its sentence, which may name hosts and paths. */
function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return code ? `the receiver could not be reached (${code})` : 'the receiver could not be reached';
}
