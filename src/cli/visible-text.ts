/**
 * What others wrote (reasons, titles, names), as one line of plain text: characters that would move the cursor, colour,
 * break the line or reverse the reading order stand there as their escapes (`\\u001b`), so that nobody can make a table
 * or an error say what it does not.
 */
export function visibleText(text: string): string {
  return text.replace(unseen, escaped);
}

/** Control characters (C0, DEL, C1), line separators, and the marks of the bidirectional algorithm (UAX #9). */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
