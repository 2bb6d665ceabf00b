import { createHmac } from 'node:crypto';

/** One message as it came. */
export interface Received {
  readonly path: string;
  readonly id: string;
  readonly contentType: string;
  /** Whether the signature is one with the secret, and its time is now. */
  readonly isGenuine: boolean;
  readonly type: string;
  readonly subject: string;
  /** Of the event; absent in a ping. */
  readonly sequence?: number;
}

/** The other side of webhooks, on loopback. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly port: number;
  /** Messages that were accepted, in the order in which they came. */
  accepted(path: string): readonly Received[];
  /** Messages that were not. */
  refused(path: string): readonly Received[];
  /** Status of the answers from now on. */
  answerWith(path: string, status: number): void;
  /** Is not there any more. */
  goDown(): Promise<void>;
  /** Is there again, on the same port. */
  comeUp(): void;
}

/** How old a message may be, in seconds. */
const toleranceSeconds = 300;

export function openWebhookReceiver(secret: string): WebhookReceiver {
  const accepted: Received[] = [];
  const refused: Received[] = [];
  const statuses = new Map<string, number>();
  const listen = (port: number) =>
    Bun.serve({
      port,
      hostname: '127.0.0.1',
      async fetch(request) {
        const received = readMessage(request, await request.text(), secret);
        const status = statuses.get(received.path) ?? 204;
        (status < 300 ? accepted : refused).push(received);
        return new Response(null, { status });
      },
    });
  let server: ReturnType<typeof listen> | undefined = listen(0);
  const port = Number(server.port);
  const goDown = async (): Promise<void> => {
    await server?.stop(true);
    server = undefined;
  };
  return {
    port,
    accepted: (path) => accepted.filter((each) => each.path === path),
    refused: (path) => refused.filter((each) => each.path === path),
    answerWith: (path, status) => void statuses.set(path, status),
    goDown,
    comeUp() {
      server ??= listen(port);
    },
    [Symbol.asyncDispose]: goDown,
  };
}

function readMessage({ url, headers }: Request, body: string, secret: string): Received {
  const event = JSON.parse(body) as { type: string; subject?: string; data?: { sequence?: string } };
  const sequence = event.data?.sequence;
  return {
    path: new URL(url).pathname,
    id: headers.get('webhook-id') ?? '',
    contentType: headers.get('content-type') ?? '',
    isGenuine: isGenuine(headers, body, secret),
    type: event.type,
    subject: event.subject ?? '',
    ...(sequence === undefined ? {} : { sequence: Number(sequence) }),
  };
}

/** As docs/webhooks.md tells the other side to verify. */
function isGenuine(headers: Headers, body: string, secret: string): boolean {
  const [id, timestamp] = [headers.get('webhook-id'), headers.get('webhook-timestamp')];
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > toleranceSeconds) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return (headers.get('webhook-signature') ?? '').split(' ').includes(`v1,${expected}`);
}
