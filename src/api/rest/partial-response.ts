import type { DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';

/** Which fields of an answer are wanted; a field without children is wanted whole. */
interface Wanted {
  readonly [jsonName: string]: Wanted;
}

/** Reduces an answer in JSON to the wanted fields. */
export type Reduce = (answer: JsonObject) => JsonObject;

/** Query parameter that names the wanted fields. */
export const fieldsParameter = 'fields';

const maxPaths = 100;

/**
 * Reads `fields=plans.id,plans.status,nextCursor` (names of the JSON form or of the contract, lists are looked through).
 * Problem: FIELD_UNKNOWN for a path that answers of the method do not have.
 *
 * @param text absent: everything is wanted
 */
export function readWantedFields(
  text: string | null,
  schema: DescMessage,
): Result<Reduce, readonly Problem[]> {
  if (text === null) return ok((answer) => answer);
  const paths = text.split(',').map((path) => path.trim());
  if (paths.length > maxPaths) return err([refuse(text, `at most ${maxPaths} paths`)]);
  const wanted: Record<string, Wanted> = {};
  const problems: Problem[] = [];
  for (const path of paths) {
    const known = resolvePath(path, schema);
    if (known) want(wanted, known);
    else problems.push(refuse(path, schema.fields.map((each) => each.jsonName).join(', ')));
  }
  return problems.length > 0 ? err(problems) : ok((answer) => reduce(answer, wanted));
}

/** The path in JSON names; undefined where there is no such field. */
function resolvePath(path: string, schema: DescMessage): readonly string[] | undefined {
  const names: string[] = [];
  let message: DescMessage | undefined = schema;
  for (const name of path.split('.')) {
    const field: DescMessage['fields'][number] | undefined = message?.fields.find(
      (each) => each.jsonName === name || each.name === name,
    );
    if (!field) return undefined;
    names.push(field.jsonName);
    message = field.fieldKind === 'map' ? undefined : field.message;
  }
  return names;
}

function want(wanted: Record<string, Wanted>, path: readonly string[]): void {
  let target = wanted;
  for (const [index, name] of path.entries()) {
    const isLast = index === path.length - 1;
    const known = Object.hasOwn(target, name) ? target[name] : undefined;
    // Wanted whole already, by a shorter path.
    if (known && Object.keys(known).length === 0) return;
    const next: Record<string, Wanted> = isLast ? {} : { ...known };
    target[name] = next;
    target = next;
  }
}

function reduce(answer: JsonObject, wanted: Wanted): JsonObject {
  const reduced: JsonObject = {};
  for (const [name, children] of Object.entries(wanted)) {
    const value = answer[name];
    if (value !== undefined) reduced[name] = reduceValue(value, children);
  }
  return reduced;
}

function reduceValue(value: JsonValue, wanted: Wanted): JsonValue {
  if (Object.keys(wanted).length === 0 || typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map((item) => reduceValue(item, wanted)) : reduce(value, wanted);
}

function refuse(value: string, limit: string): Problem {
  return {
    code: 'FIELD_UNKNOWN',
    message: `the answer has no field "${value.slice(0, 100)}"`,
    field: fieldsParameter,
    value: value.slice(0, 100),
    limit,
  };
}
