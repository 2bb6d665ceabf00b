import { ProblemError } from '../domain/problem.ts';

/** Between the words of a domain union and the values of a contract enum. */
export interface EnumCodec<Word extends string, Value extends number> {
  toMessage(word: Word): Value;
  /** Throws `ProblemError` FIELD_INVALID for the unspecified value and for one that a newer contract added. */
  fromMessage(value: Value): Word;
  /** Undefined for the unspecified value. Throws as `fromMessage`. */
  optionalFromMessage(value: Value): Word | undefined;
}

/**
 * @param name of the enum, for messages to people
 * @param table every word with its value; the type checks that none is missing
 */
export function createEnumCodec<Word extends string, Value extends number>(
  name: string,
  table: Readonly<Record<Word, Value>>,
): EnumCodec<Word, Value> {
  const words = Object.keys(table) as Word[];
  const byValue = new Map<Value, Word>(words.map((word) => [table[word], word]));

  function fromMessage(value: Value): Word {
    const word = byValue.get(value);
    if (word !== undefined) return word;
    throw new ProblemError({
      code: 'FIELD_INVALID',
      message: `${name} has the value ${value}, which is none of ours`,
      value,
      limit: words.join(', '),
      remedy: `Use one of ${words.join(', ')}; a newer program may know more.`,
    });
  }

  return {
    toMessage: (word) => table[word],
    fromMessage,
    optionalFromMessage: (value) => (value === 0 ? undefined : fromMessage(value)),
  };
}
