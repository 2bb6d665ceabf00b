import { err, ok, type Result } from '../../base/result.ts';

/**
 * A pattern for a whole name in which `*` stands for one or more characters within a part of the name. What parts a name
 * is a character of its kind: `/` in a URI, `.` in a DNS name, `@` in an address of e-mail, a comma between several
 * values of an attribute. So `URI:spiffe://mesh/ns/*` does not let in what lies deeper.
 */
export interface NameGlob {
  /** What the stars stand for, from left to right; undefined where the name does not fit. */
  match(name: string): readonly string[] | undefined;
  readonly stars: number;
}

const maxPatternLength = 512;
const maxStars = 8;
/** Longer names are of no certificate that anybody wrote a rule for. */
const maxNameLength = 1_024;

/** Error: which bound the pattern breaks. */
export function compileGlob(pattern: string, separator: string): Result<NameGlob, string> {
  const stars = pattern.split('*').length - 1;
  if (pattern === '' || pattern.length > maxPatternLength) return err(`1 to ${maxPatternLength} characters`);
  if (stars > maxStars) return err(`at most ${maxStars} stars`);
  if (pattern.includes('**')) return err('no two stars side by side');
  const parts = pattern.split(separator).map((part) => part.split('*'));
  return ok({
    stars,
    match(name) {
      if (name.length > maxNameLength) return undefined;
      const given = name.split(separator);
      if (given.length !== parts.length) return undefined;
      const captures: string[] = [];
      for (const [index, literals] of parts.entries()) {
        const found = matchPart(literals, given[index] ?? '');
        if (!found) return undefined;
        captures.push(...found);
      }
      return captures;
    },
  });
}

/**
 * The texts between literals that must occur in this order, the first at the beginning and the last at the end. Each star
 * takes as little as it can, which finds a way whenever there is one: no going back, hence no time that explodes.
 */
function matchPart(literals: readonly string[], text: string): readonly string[] | undefined {
  const [first = '', ...others] = literals;
  const last = others.pop();
  if (last === undefined) return text === first ? [] : undefined;
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
  const captures: string[] = [];
  const end = text.length - last.length;
  let from = first.length;
  for (const literal of others) {
    const at = text.indexOf(literal, from + 1);
    if (at < 0 || at + literal.length > end) return undefined;
    captures.push(text.slice(from, at));
    from = at + literal.length;
  }
  if (end <= from) return undefined;
  return [...captures, text.slice(from, end)];
}
