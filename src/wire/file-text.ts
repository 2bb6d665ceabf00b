import { parseDocument } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { maxFileProblems } from './problem-list.ts';

/** Aliases that a document may expand to: enough for every honest one, too few for one that explodes. */
const maxAliases = 100;

/** What is in a YAML or JSON text (JSON is YAML). Problem: INPUT_MALFORMED with line and column. */
export function parseYaml(text: string): Result<unknown, readonly Problem[]> {
  try {
    const document = parseDocument(text, {
      uniqueKeys: true,
      prettyErrors: true,
      version: '1.2',
      schema: 'core',
    });
    const findings = [...document.errors, ...document.warnings].slice(0, maxFileProblems);
    if (findings.length > 0) {
      return err(
        findings.map((each) => {
          const [at] = each.linePos ?? [];
          const place = at ? `line ${at.line}, column ${at.col}` : 'somewhere';
          return malformed(`at ${place}: ${each.message.split('\n')[0]?.replace(/ at line .*$/, '')}`);
        }),
      );
    }
    return ok(document.toJS({ maxAliasCount: maxAliases }));
  } catch (thrown) {
    return err([malformed(thrown instanceof Error ? thrown.message : String(thrown))]);
  }
}

/** What is in a JSON text. Problem: INPUT_MALFORMED. */
export function parseJson(text: string): Result<unknown, readonly [Problem]> {
  try {
    return ok(JSON.parse(text));
  } catch (thrown) {
    return err([malformed(thrown instanceof Error ? thrown.message : String(thrown))]);
  }
}

/** The text of a file, without a byte-order mark. Problem: INPUT_MALFORMED where it is not UTF-8 or too large. */
export function decodeText(bytes: Uint8Array, maxBytes: number): Result<string, readonly [Problem]> {
  if (bytes.length > maxBytes) {
    return err([{ ...malformed(`${bytes.length} bytes`), value: bytes.length, limit: maxBytes }]);
  }
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return err([malformed('it is not UTF-8 text')]);
  }
}

export function malformed(what: string): Problem {
  return { code: 'INPUT_MALFORMED', message: `the file cannot be read: ${what}` };
}
