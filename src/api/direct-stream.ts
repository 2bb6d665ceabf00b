import type { Message } from '@bufbuild/protobuf';
import { Code, ConnectError, createContextKey, createContextValues } from '@connectrpc/connect';
import type {
  UniversalHandlerFn,
  UniversalServerRequest,
  UniversalServerResponse,
} from '@connectrpc/connect/protocol';

/**
 * A way out of a call for messages that many callers get: past the layers that every message of a stream goes through otherwise
 * (checked, encoded, compressed, put into an envelope, each by a generator of its own), which cost more than all the rest when
 * thousands watch.
 */
export interface DirectStream {
  /**
   * Sends what the iterator gives, at the pace of the reader. Comes after the call's first message; resolves when the iterator has
   * ended, and rejects with what it throws, or when the reader is gone.
   */
  send(messages: AsyncIterator<Message>): Promise<void>;
}

/** Undefined where messages have to take the usual way: inside the process, and where only some fields are wanted. */
export const directStreamKey = createContextKey<DirectStream | undefined>(undefined, {
  description: 'way out for messages that many callers get',
});

/** The bytes of a message in a protocol: what its layers would have made of it, uncompressed. */
export type EncodeMessage = (message: Message) => Uint8Array;

/** Answers a call whose handler may send directly. How it begins and ends, and its refusals, are the usual way's. */
export async function answerDirectly(
  request: UniversalServerRequest,
  encode: EncodeMessage,
  answer: UniversalHandlerFn,
): Promise<UniversalServerResponse> {
  const way = createWay(encode);
  const contextValues = request.contextValues ?? createContextValues();
  contextValues.set(directStreamKey, way);
  const response = await answer({ ...request, contextValues });
  return response.body ? { ...response, body: way.around(response.body) } : response;
}

interface Way extends DirectStream {
  /** The usual body, with what is sent directly in its place. */
  around(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

interface Sending {
  readonly messages: AsyncIterator<Message>;
  readonly end: () => void;
  readonly fail: (thrown: unknown) => void;
}

function createWay(encode: EncodeMessage): Way {
  let sending: Sending | undefined;
  let onSend: (() => void) | undefined;

  /** The next chunk that is sent directly; undefined when there are no more. */
  async function nextSent({ messages, end, fail }: Sending): Promise<IteratorResult<Uint8Array> | undefined> {
    try {
      const next = await messages.next();
      if (!next.done) return { done: false, value: encode(next.value) };
      end();
    } catch (thrown) {
      fail(thrown);
    }
    sending = undefined;
    return undefined;
  }

  function around(body: AsyncIterable<Uint8Array>): AsyncIterator<Uint8Array> {
    const usual = body[Symbol.asyncIterator]();
    /** Asked for, and not come before the handler began to send directly. */
    let asked: Promise<IteratorResult<Uint8Array>> | undefined;

    /** The next chunk that comes the usual way; undefined when the handler begins to send directly before. */
    function nextUsual(): Promise<IteratorResult<Uint8Array> | undefined> {
      return new Promise((resolve, reject) => {
        // Before it is asked for: asking may be what makes the handler send.
        onSend = () => resolve(undefined);
        asked ??= usual.next();
        asked.then(resolve, reject);
      });
    }
    function leave(thrown: unknown): void {
      asked?.catch(() => {});
      sending?.messages.return?.().catch(() => {});
      sending?.fail(thrown);
      sending = undefined;
    }
    return {
      async next() {
        for (;;) {
          const sent = sending && (await nextSent(sending));
          if (sent) return sent;
          const next = await nextUsual();
          if (!next) continue;
          asked = undefined;
          return next;
        }
      },
      async return() {
        leave(new ConnectError('the reader is gone', Code.Canceled));
        await usual.return?.();
        return { done: true, value: undefined };
      },
      async throw(thrown) {
        leave(thrown);
        await usual.return?.();
        throw thrown;
      },
    };
  }
  return {
    send(messages) {
      return new Promise((end, fail) => {
        sending = { messages, end, fail };
        onSend?.();
      });
    },
    around: (body) => ({ [Symbol.asyncIterator]: () => around(body) }),
  };
}
