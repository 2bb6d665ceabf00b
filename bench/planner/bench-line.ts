/** A line of figures: numbers, words and, for curves, rows of numbers. */
export type Line = Readonly<Record<string, number | string | boolean | readonly (readonly number[])[]>>;

/** A case's line always says which case it is. */
export type CaseLine = Line & { readonly case: string };

/** Digits of a number that is not whole: two beyond what its noise leaves, so that 1.0189 stays what it is. */
const digits = 5;

/** The line with its numbers cut to what they are worth. */
export function rounded(line: CaseLine): CaseLine {
  const shorten = (value: Line[string]): Line[string] =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(digits)) : value;
  const entries = Object.entries(line).map(([name, value]) => [name, shorten(value)]);
  return { ...Object.fromEntries(entries), case: line.case };
}
