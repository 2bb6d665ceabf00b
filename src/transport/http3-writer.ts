import type { Clock } from '../base/clock.ts';
import type { NativeHeader } from './http3-addon.ts';

/** The commands of one stream of one connection. */
export interface Http3Wire {
  sendHead(headers: readonly NativeHeader[], isWhole: boolean): void;
  /** False when the queue of the endpoint is full; `onQueueReady` follows. */
  send(data: Uint8Array, isLast: boolean): boolean;
  sendTrailers(headers: readonly NativeHeader[]): void;
  reset(errorCode: number): void;
  /** Resolves when all commands before it were carried out and their events were delivered. */
  confirm(): Promise<void>;
  /** Bytes of all streams that wait in the addon for their readers. */
  pendingBytes(): number;
}

/** Writes the body of a response at the pace of its reader. */
export interface Http3Writer {
  /** Undefined when more may be written at once. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  end(trailers: readonly NativeHeader[] | undefined): Promise<void>;
  /** What was written waits in the addon. */
  onBlocked(): void;
  /** Some of what waits has found room, or all of it. */
  onDrain(): void;
  onQueueReady(): void;
}

/** Bytes written at once, and between two confirmations: what a stream whose reader is slow keeps in the addon at most. */
const windowBytes = 65_536;
/** The end of a chunk that goes out by itself on streams that had to wait; so small that it finds room whole or not at all. */
const tailBytes = 8;
/** Before it is asked again whether something waits, in milliseconds. */
const askAgainMs = 5;
/** Trailers that found no room are lost silently, and sending them again is harmless: so they are, at these times. */
const trailerRetryMs = [20, 100, 500, 2_500, 10_000] as const;

/**
 * The addon takes what is written into a queue. It tells when a stream has to wait (`onBlocked`), but not clearly when nothing of
 * it waits any more: `onDrain` may mean that there was room, or that all found room. More that is written meanwhile waits behind
 * it, without another word; trailers do not, they would overtake it. So once a stream had to wait, this writer makes sure. Two
 * drains in one delivery mean that all found room. So does a count of zero over all streams. Where neither is so, one more byte is
 * written: when the count does not grow by it, it went straight out, and nothing had been waiting.
 *
 * @param gone aborts when nobody reads any more; what is under way then throws
 */
export function createHttp3Writer(wire: Http3Wire, gone: AbortSignal, clock: Clock): Http3Writer {
  let mayWait = false;
  let everWaited = false;
  let waits = 0;
  let hasDrained = false;
  let drainsOfDelivery = 0;
  let unconfirmedBytes = 0;
  let wakers: Array<() => void> = [];
  gone.addEventListener('abort', wake, { once: true });

  function wake(): void {
    const woken = wakers;
    wakers = [];
    for (const each of woken) each();
  }
  async function changed(): Promise<void> {
    gone.throwIfAborted();
    await new Promise<void>((resolve) => wakers.push(resolve));
    gone.throwIfAborted();
  }
  async function send(data: Uint8Array, isLast: boolean): Promise<void> {
    gone.throwIfAborted();
    while (!wire.send(data, isLast)) await changed();
    unconfirmedBytes += data.length;
  }
  async function confirm(): Promise<void> {
    unconfirmedBytes = 0;
    await wire.confirm();
    gone.throwIfAborted();
  }
  /** Makes sure that nothing waits, with up to `probes.length` bytes of what is written next; returns how many went out. */
  async function settle(probes: Uint8Array): Promise<number> {
    let used = 0;
    while (mayWait) {
      while (mayWait && !hasDrained) await changed();
      hasDrained = false;
      while (mayWait) {
        await confirm();
        const before = wire.pendingBytes();
        if (before === 0) mayWait = false;
        if (!mayWait || used >= probes.length) break;
        const waitsBefore = waits;
        await send(probes.subarray(used, used + 1), false);
        used += 1;
        await confirm();
        const grown = wire.pendingBytes() - before;
        // It had to wait itself, or waits behind others: there will be a drain.
        if (waits > waitsBefore || grown === 1) break;
        if (grown === 0) mayWait = false;
        else await clock.sleep(askAgainMs, gone);
      }
    }
    return used;
  }
  /** Writes what may wait as a whole. */
  async function writePart(part: Uint8Array): Promise<void> {
    const used = await settle(part);
    if (used < part.length) await send(part.subarray(used), false);
    if (unconfirmedBytes >= windowBytes || everWaited) await confirm();
  }
  function repeatTrailers(headers: readonly NativeHeader[]): void {
    for (const delay of trailerRetryMs) {
      clock.schedule(delay, () => {
        if (!gone.aborted) wire.sendTrailers(headers);
      });
    }
  }
  async function writeParts(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; ) {
      const left = chunk.length - start;
      const size = everWaited && left > tailBytes ? left - tailBytes : left;
      const end = start + Math.min(size, windowBytes);
      await writePart(chunk.subarray(start, end));
      start = end;
    }
  }
  /** The way of most chunks: nothing has waited yet, and the window has room. */
  function writeAtOnce(chunk: Uint8Array): boolean {
    if (everWaited || gone.aborted || unconfirmedBytes + chunk.length >= windowBytes) return false;
    if (!wire.send(chunk, false)) return false;
    unconfirmedBytes += chunk.length;
    return true;
  }
  return {
    write: (chunk) => (writeAtOnce(chunk) ? undefined : writeParts(chunk)),
    async end(trailers) {
      if (!trailers) return await send(new Uint8Array(), true);
      if (unconfirmedBytes > 0) await confirm();
      // What waits here is a tail at most: any drain says that it found room.
      while (mayWait && !hasDrained) await changed();
      wire.sendTrailers(trailers);
      if (everWaited) repeatTrailers(trailers);
    },
    onBlocked() {
      mayWait = true;
      everWaited = true;
      waits += 1;
      hasDrained = false;
      drainsOfDelivery = 0;
    },
    onDrain() {
      hasDrained = true;
      drainsOfDelivery += 1;
      if (drainsOfDelivery === 1) queueMicrotask(() => (drainsOfDelivery = 0));
      else mayWait = false;
      wake();
    },
    onQueueReady: wake,
  };
}
