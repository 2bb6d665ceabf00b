import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import { closestName } from '../../wire/closest-name.ts';

/** A request as it is put together from path, query, headers and body, in protobuf's JSON form. */
export type RequestFields = JsonObject;

/** Query parameters of one request: more are nobody's question. */
const maxParameters = 200;

/**
 * Sets the field at a dotted path to what a text stands for. Of a field that repeats, each text is one item. Problems:
 * FIELD_UNKNOWN, FIELDS_CONTRADICT when it has another value already.
 */
export function setTextField(
  fields: RequestFields,
  schema: DescMessage,
  path: string,
  text: string,
): Problem | undefined {
  const names = path.split('.');
  let target = fields;
  let message = schema;
  for (const [index, name] of names.entries()) {
    const field = message.fields.find((each) => each.jsonName === name || each.name === name);
    if (!field || field.fieldKind === 'map') return unknownParameter(path, message);
    if (index === names.length - 1) return assign(target, field, path, text);
    // Into a message, unless that is one which a text stands for (a time, a duration).
    if (field.fieldKind !== 'message' || isText(field)) return unknownParameter(path, message);
    const nested = target[field.jsonName];
    const next: RequestFields = isObject(nested) ? nested : {};
    target[field.jsonName] = next;
    target = next;
    message = field.message;
  }
  return undefined;
}

/** The query as fields of the request. Problems: as `setTextField`, each with the parameter's name. */
export function readQuery(
  query: URLSearchParams,
  schema: DescMessage,
  reserved: ReadonlySet<string>,
  fields: RequestFields,
): Result<RequestFields, readonly Problem[]> {
  const problems: Problem[] = [];
  let count = 0;
  for (const [name, text] of query) {
    if (reserved.has(name)) continue;
    count += 1;
    if (count > maxParameters) {
      problems.push({
        code: 'FIELD_INVALID',
        message: `the query has more than ${maxParameters} parameters`,
        field: name,
        limit: maxParameters,
      });
      break;
    }
    const problem = setTextField(fields, schema, name, text);
    if (problem) problems.push(problem);
  }
  return problems.length > 0 ? err(problems) : ok(fields);
}

function assign(target: RequestFields, field: DescField, path: string, text: string): Problem | undefined {
  const value = jsonOf(field, text);
  if (value === undefined) return unknownParameter(path, field.parent);
  const before = target[field.jsonName];
  if (field.fieldKind === 'list') {
    target[field.jsonName] = Array.isArray(before) ? [...before, value] : [value];
    return undefined;
  }
  if (before !== undefined && String(before) !== text) {
    return {
      code: 'FIELDS_CONTRADICT',
      message: `${path} is given twice, as "${shorten(String(before))}" and as "${shorten(text)}"`,
      field: path,
      value: shorten(text),
      limit: 'one value',
    };
  }
  target[field.jsonName] = value;
  return undefined;
}

/** What does not fit its type stays a text, for the reader of messages to refuse with the path. */
function jsonOf(field: DescField, text: string): JsonValue | undefined {
  if (field.enum !== undefined) return /^\d+$/.test(text) ? Number(text) : text;
  if (field.message !== undefined) return isText(field) ? text : undefined;
  if (field.scalar === ScalarType.BOOL) return text === 'true' ? true : text === 'false' ? false : text;
  if (field.scalar === ScalarType.DOUBLE || field.scalar === ScalarType.FLOAT) {
    const number = Number(text);
    return text.trim() !== '' && Number.isFinite(number) ? number : text;
  }
  return text;
}

/** Messages that are one text in JSON. */
function isText(field: DescField): boolean {
  return ['google.protobuf.Timestamp', 'google.protobuf.Duration'].includes(field.message?.typeName ?? '');
}

function unknownParameter(path: string, message: DescMessage): Problem {
  const names = message.fields.map((each) => each.jsonName);
  const meant = closestName(path.split('.').at(-1) ?? '', names);
  return {
    code: 'FIELD_UNKNOWN',
    message: `the request has no parameter ${shorten(path)}`,
    field: shorten(path),
    limit: names.join(', '),
    remedy: meant
      ? `Did you mean ${meant}? Otherwise leave it out.`
      : 'Leave it out or correct its spelling.',
  };
}

/** Longer texts are cut: a problem is read by people. */
const maxShown = 100;

function shorten(text: string): string {
  return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
