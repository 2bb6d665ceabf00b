/**
 * Typed arrays that grow: each function returns an array of at least `length` entries that begins with what `array`
 * holds; the rest is 0. Growth is by half, so that filling n entries one by one copies O(n) in total.
 */
export function growFloat64(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const grown = new Float64Array(grownLength(array.length, length));
  grown.set(array);
  return grown;
}

export function growInt32(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const grown = new Int32Array(grownLength(array.length, length));
  grown.set(array);
  return grown;
}

export function growUint8(array: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const grown = new Uint8Array(grownLength(array.length, length));
  grown.set(array);
  return grown;
}

function grownLength(current: number, needed: number): number {
  return Math.max(needed, current + (current >> 1), 64);
}
