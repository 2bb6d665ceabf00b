/** A number as a sentence has it: at most six significant digits. */
export function rounded(value: number): string {
  return String(Number.isFinite(value) ? Number(value.toPrecision(6)) : value);
}
