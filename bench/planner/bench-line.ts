/** A line of figures: numbers, words and, for curves, rows of numbers. */
export type Line = Readonly<Record<string, number | string | boolean | readonly (readonly number[])[]>>;

/** A case's line always says which case it is. */
export type CaseLine = Line & { readonly case: string };
