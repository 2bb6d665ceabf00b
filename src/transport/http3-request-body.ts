/** The body of one HTTP/3 request, as it comes in and as a handler reads it. */
export interface Http3RequestBody extends AsyncIterable<Uint8Array> {
  push(chunk: Uint8Array): void;
  finish(): void;
  /** Ends the body here; what comes still is dropped. */
  ignore(): void;
  /** What has come already is dropped and reading fails from here on, unless the body came whole. */
  fail(reason: unknown): void;
  /** Whether more waits to be read than may come before the sender is slowed down. */
  readonly isFull: boolean;
  /** How often something was read. */
  readonly reads: number;
}

/** Bytes of a body that may wait to be read before its sender is slowed down. */
const freeBytes = 1_048_576;

interface Chunk {
  readonly bytes: Uint8Array;
  /** Whether `taken` is still to be called for it. */
  readonly isHeld: boolean;
}

/** @param taken called once for each chunk: at once while there is room, else when it is read or dropped */
export function createHttp3RequestBody(taken: () => void): Http3RequestBody {
  const chunks: Chunk[] = [];
  let unreadBytes = 0;
  let reads = 0;
  let isFinished = false;
  let isDropped = false;
  let failure: { readonly reason: unknown } | undefined;
  let wake: (() => void) | undefined;
  const woken = (): void => {
    wake?.();
    wake = undefined;
  };
  const drop = (): void => {
    isDropped = true;
    for (const { isHeld } of chunks.splice(0)) if (isHeld) taken();
    unreadBytes = 0;
  };
  return {
    get isFull() {
      return unreadBytes > freeBytes;
    },
    get reads() {
      return reads;
    },
    push(bytes) {
      const isHeld = !isDropped && unreadBytes + bytes.length > freeBytes;
      if (!isHeld) taken();
      if (isDropped) return;
      unreadBytes += bytes.length;
      chunks.push({ bytes, isHeld });
      woken();
    },
    finish() {
      isFinished = true;
      woken();
    },
    ignore() {
      isFinished = true;
      drop();
      woken();
    },
    fail(reason) {
      if (isFinished) return;
      failure ??= { reason };
      drop();
      woken();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const chunk = chunks.shift();
          if (chunk) {
            unreadBytes -= chunk.bytes.length;
            reads += 1;
            if (chunk.isHeld) taken();
            yield chunk.bytes;
          } else if (failure) throw failure.reason;
          else if (isFinished) return;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        drop();
      }
    },
  };
}
