/**
 * The JSON that a value is stored as. Throws TypeError on a number that is not finite: JSON would turn it into null
 * without a word, and what is read would not be what was written.
 */
export function storedText(value: unknown): string {
  return JSON.stringify(value, refuseNonFinite);
}

function refuseNonFinite(name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`cannot store ${name}: ${value}`);
  return value;
}
