/** The body of one HTTP/3 request, as it comes in and as a handler reads it. */
export interface Http3RequestBody extends AsyncIterable<Uint8Array> {
  push(chunk: Uint8Array): void;
  finish(): void;
  /** Reading fails from here on, after what has come already is dropped. */
  fail(reason: unknown): void;
  /** Bytes that came and were not read yet. */
  readonly unreadBytes: number;
}

/** @param taken called once for each chunk, when it was read or dropped */
export function createHttp3RequestBody(taken: () => void): Http3RequestBody {
  const chunks: Uint8Array[] = [];
  let unreadBytes = 0;
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
    for (const _ of chunks.splice(0)) taken();
    unreadBytes = 0;
  };
  return {
    get unreadBytes() {
      return unreadBytes;
    },
    push(chunk) {
      if (isDropped) return taken();
      chunks.push(chunk);
      unreadBytes += chunk.length;
      woken();
    },
    finish() {
      isFinished = true;
      woken();
    },
    fail(reason) {
      if (!isFinished) failure ??= { reason };
      drop();
      woken();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const chunk = chunks.shift();
          if (chunk) {
            unreadBytes -= chunk.length;
            taken();
            yield chunk;
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
