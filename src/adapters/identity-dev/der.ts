/** The little of ASN.1's distinguished encoding (X.690) that certificates need: each function returns one encoded value. */

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return encoded(0x30, ...parts);
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return encoded(0x31, ...parts);
}

/** @param bytes of a number that is not negative, most significant first */
export function integer(bytes: Uint8Array): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const digits = bytes.subarray(from);
  return encoded(0x02, Buffer.from((digits[0] ?? 0) >= 0x80 ? [0] : []), digits);
}

/** @param unusedBits of the last byte */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return encoded(0x03, Buffer.from([unusedBits]), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return encoded(0x04, bytes);
}

export function boolean(value: boolean): Buffer {
  return encoded(0x01, Buffer.from([value ? 0xff : 0]));
}

export function utf8String(text: string): Buffer {
  return encoded(0x0c, Buffer.from(text));
}

/** @param dotted as `2.5.29.17` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
    return digits;
  });
  return encoded(0x06, Buffer.from(bytes));
}

/** To the second; two-digit years until 2049, as RFC 5280 section 4.1.2.5 demands. @param ms since the epoch */
export function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  const isShort = digits < '2050';
  return encoded(isShort ? 0x17 : 0x18, Buffer.from(isShort ? digits.slice(2) : digits));
}

/** A value with a tag of its context: constructed ones hold other values, primitive ones bytes. */
export function tagged(
  tag: number,
  kind: 'constructed' | 'primitive',
  ...parts: readonly Uint8Array[]
): Buffer {
  return encoded((kind === 'constructed' ? 0xa0 : 0x80) | tag, ...parts);
}

function encoded(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = length < 0x100 ? [length] : [length >>> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError(`no certificate of ours has a part of ${length} bytes`);
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length, ...digits]), content]);
}
