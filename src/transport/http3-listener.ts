import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Http3Endpoint } from './http3-endpoint.ts';
import type { TlsIdentity } from './tls-identity.ts';

export interface Http3ListenerOptions {
  readonly identity: TlsIdentity;
  /** Opens the port with a certificate; throws when it cannot be had. */
  readonly open: (identity: TlsIdentity) => Http3Endpoint;
  readonly log: Log;
  readonly clock: Clock;
}

/** HTTP/3 on one port with whatever certificate is the newest. */
export interface Http3Listener {
  /** False for the moment in which one endpoint takes over from another. */
  readonly isOpen: boolean;
  /** The certificate to show from the next moment on in which no call is under way; see `switchAt`. */
  useIdentity(identity: TlsIdentity): void;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** How often it is looked whether no call is under way. */
const lookMs = 250;
/** A new certificate waits for calls to end no longer than this: the old one may have been replaced for a reason. */
const maxWaitMs = 24 * 3_600_000;
/** An old certificate is not shown in its last hour: clocks of clients differ. */
const leadMs = 3_600_000;
/** After the port could not be opened again; it may be another process that has it. */
const reopenMs = 1_000;

/**
 * The addon cannot change its certificate, and connections do not move from one endpoint to another. So a new certificate waits
 * until no call is under way; then the endpoint is closed and another one opened on the same port. Clients connect again. Calls
 * that go on and on are cut at last: a day after the change, or an hour before the old certificate ends.
 *
 * Throws when the port cannot be had.
 */
export function openHttp3Listener(options: Http3ListenerOptions): Http3Listener {
  const { log, clock } = options;
  let shown = options.identity;
  let wanted = options.identity;
  let deadline = 0;
  let endpoint: Http3Endpoint | undefined = options.open(shown);
  let isClosing = false;
  let stopLooking = (): void => {};
  let switching = Promise.resolve();

  function look(): void {
    const mayWait = endpoint !== undefined && endpoint.calls > 0 && clock.now() < deadline;
    if (mayWait) stopLooking = clock.schedule(lookMs, look);
    else {
      switching = change().catch((error) =>
        log.error('HTTP/3 could not be closed', { error: String(error) }),
      );
    }
  }
  async function change(): Promise<void> {
    const old = endpoint;
    endpoint = undefined;
    await old?.close();
    if (isClosing) return;
    const identity = wanted;
    try {
      endpoint = options.open(identity);
      shown = identity;
      log.info('HTTP/3 shows the new certificate', { fingerprint: identity.fingerprint256 });
      if (wanted !== identity) look();
    } catch (error) {
      log.error('HTTP/3 could not be opened again', { error: String(error) });
      stopLooking = clock.schedule(reopenMs, look);
    }
  }
  return {
    get isOpen() {
      return endpoint !== undefined;
    },
    useIdentity(identity) {
      wanted = identity;
      deadline = Math.min(clock.now() + maxWaitMs, shown.notAfter - leadMs);
      stopLooking();
      if (endpoint && !isClosing) look();
    },
    async drain() {
      isClosing = true;
      stopLooking();
      await switching;
      await endpoint?.drain();
    },
    async close() {
      isClosing = true;
      stopLooking();
      await switching;
      await endpoint?.close();
      endpoint = undefined;
    },
  };
}
