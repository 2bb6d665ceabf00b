const prefixBytes = 5;
const noBytes = Buffer.alloc(0);

/** Cuts a gRPC stream, chunk by chunk, into its messages; none may be compressed. */
export function splitFrames(): (chunk: Uint8Array) => readonly Uint8Array[] {
  let rest: Buffer = noBytes;
  return (chunk) => {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (rest.length > 0) bytes = Buffer.concat([rest, bytes]);
    const messages: Uint8Array[] = [];
    let start = 0;
    while (bytes.length - start >= prefixBytes) {
      const end = start + prefixBytes + bytes.readUInt32BE(start + 1);
      if (end > bytes.length) break;
      messages.push(bytes.subarray(start + prefixBytes, end));
      start = end;
    }
    rest = bytes.subarray(start);
    return messages;
  };
}

/** Cuts server-sent events into their blocks. */
export function splitBlocks(): (chunk: Uint8Array) => readonly string[] {
  const decoder = new TextDecoder();
  let rest = '';
  return (chunk) => {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks;
  };
}

/** Messages as the body of a gRPC request. */
export async function* frames(messages: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const message of messages) {
    const prefix = Buffer.alloc(prefixBytes);
    prefix.writeUInt32BE(message.length, 1);
    yield Buffer.concat([prefix, message]);
  }
}
