import { err, ok, type Result } from '../base/result.ts';

/** Longest change ticket that is looked at, and the iterations assumed of an unbounded repetition. */
export const maxChangeTicketLength = 128;
/** Longest pattern of a policy; real ones are a prefix and some digits. */
export const maxPatternLength = 200;
/** Ways in which a pattern may be tried on one text: bounds what a backtracking matcher does for one ticket. */
export const maxPatternWays = 1_000_000;

/**
 * Compiles a policy's regular expression so that it must match the whole text. Refuses, with a sentence that says why,
 * patterns that are too long, do not parse, look around or back, or could take exponential time: the number of ways to
 * walk through the pattern (sequences multiply, alternatives add, repetitions are powers) must stay below
 * `maxPatternWays`. That is stricter than needed for harmless patterns, and sound for all.
 */
export function compilePattern(pattern: string): Result<RegExp, string> {
  if (pattern.length > maxPatternLength) {
    return err(`the pattern has ${pattern.length} characters, more than ${maxPatternLength}`);
  }
  let compiled: RegExp;
  try {
    compiled = new RegExp(`^(?:${pattern})$`);
    // A pattern such as `a)|(?:b` parses only inside the brackets added above.
    new RegExp(pattern);
  } catch (error) {
    return err(
      `the pattern is not a regular expression: ${error instanceof Error ? error.message : 'syntax error'}`,
    );
  }
  const ways = countWays(pattern);
  if (typeof ways === 'string') return err(ways);
  if (ways > maxPatternWays) {
    return err('the pattern repeats or alternates in so many ways that matching could take very long');
  }
  return ok(compiled);
}

/** Upper bound of the ways through the pattern, or why it is refused. */
function countWays(pattern: string): number | string {
  let at = 0;
  let refusal = '';

  function alternatives(): number {
    let sum = 0;
    let product = 1;
    while (at < pattern.length && pattern[at] !== ')') {
      if (pattern[at] === '|') {
        at += 1;
        sum += product;
        product = 1;
      } else {
        product *= repeated(atom());
      }
    }
    return sum + product;
  }

  function atom(): number {
    const character = pattern[at];
    if (character === '[') return skipClass();
    if (character === '\\') return skipEscape();
    at += 1;
    if (character !== '(') return 1;
    if (pattern[at] === '?') {
      const plain = pattern.startsWith('?:', at);
      const named = /^\?<[A-Za-z]\w*>/.exec(pattern.slice(at));
      if (!plain && !named) refusal = 'the pattern looks ahead or behind, which is not supported';
      at += plain ? 2 : (named?.[0].length ?? 1);
    }
    const inner = alternatives();
    at += 1;
    return inner;
  }

  function skipClass(): number {
    at += 1;
    while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1;
    at += 1;
    return 1;
  }

  function skipEscape(): number {
    if (/[1-9k]/.test(pattern[at + 1] ?? ''))
      refusal = 'the pattern refers back to a group, which is not supported';
    at += 2;
    return 1;
  }

  function repeated(ways: number): number {
    const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/.exec(pattern.slice(at));
    if (!found) return ways;
    at += found[0].length;
    if (pattern[at] === '?') at += 1;
    const least = found[1] === undefined ? (found[0] === '+' ? 1 : 0) : Number(found[1]);
    const most =
      found[0] === '?'
        ? 1
        : found[1] === undefined || found[3] === ''
          ? Infinity
          : Number(found[3] ?? found[1]);
    const iterations = Math.min(most, Math.max(maxChangeTicketLength, least));
    return (iterations - least + 1) * ways ** iterations;
  }

  const ways = alternatives();
  return refusal || ways;
}
