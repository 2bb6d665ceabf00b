/** Called for every value that is not allowed, with its path and what is. */
export type Wrong = (field: string, value: unknown, limit: string) => void;

/** The members of a mapping, where it is one; those that are unknown are named. */
export function fieldsOf<Name extends string>(
  input: unknown,
  at: string,
  known: readonly Name[],
  wrong: Wrong,
): Readonly<Partial<Record<Name, unknown>>> | undefined {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) {
    wrong(at, input, `a mapping with ${known.join(', ')}`);
    return undefined;
  }
  const fields: Partial<Record<Name, unknown>> = {};
  for (const [name, value] of Object.entries(input)) {
    const field = known.find((each) => each === name);
    if (field === undefined) wrong(`${at}.${name}`, name, known.join(', '));
    else fields[field] = value;
  }
  return fields;
}

/** A text that fits, or undefined with what is expected said. */
export function textOf(
  value: unknown,
  field: string,
  limit: string,
  wrong: Wrong,
  fits: (text: string) => boolean,
): string | undefined {
  if (typeof value === 'string' && fits(value)) return value;
  wrong(field, value, limit);
  return undefined;
}

/** Texts that all fit, an empty list where none is given; undefined with what is expected said. */
export function textsOf(
  value: unknown,
  field: string,
  limit: string,
  wrong: Wrong,
  fits: (text: string) => boolean,
): readonly string[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxTexts) {
    wrong(field, Array.isArray(value) ? value.length : value, `a list of at most ${maxTexts}, each ${limit}`);
    return undefined;
  }
  const texts = value.map((each, index) => textOf(each, `${field}[${index}]`, limit, wrong, fits));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** More is not written by hand. */
const maxTexts = 1_000;
