import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
} from '@bufbuild/protobuf';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { closestName } from './closest-name.ts';
import { type Expected, readDuration, readEnum, readScalar, readTime } from './json-scalar.ts';
import { createProblemList, type ProblemList } from './problem-list.ts';

/**
 * Reads what a JSON or YAML parser made of a file as a message, more kindly than protobuf does (durations such as `2h`,
 * short words for enums) and more strictly (every field that the contract does not know is a problem, and all problems
 * are named, each with its path). Never throws for what is in the file.
 *
 * Problems: INPUT_MALFORMED when it is no object, FIELD_UNKNOWN, FIELD_INVALID, FIELDS_CONTRADICT. What is given twice
 * is for the parser to notice, what is missing or out of range for the contract's rules (`message-problems.ts`).
 */
export function readMessage<Desc extends DescMessage>(
  schema: Desc,
  value: unknown,
): Result<MessageShape<Desc>, readonly Problem[]> {
  const json = normalize(schema, value);
  if (!json.ok) return json;
  try {
    return ok(fromJson(schema, json.value));
  } catch (thrown) {
    // What protobuf's own form forbids beyond what is looked at here, such as a year above 9999.
    return err([
      { code: 'INPUT_MALFORMED', message: thrown instanceof Error ? thrown.message : String(thrown) },
    ]);
  }
}

/** The first half of `readMessage`: the value in protobuf's own JSON form. */
export function normalize(schema: DescMessage, value: unknown): Result<JsonObject, readonly Problem[]> {
  const found = createProblemList();
  if (!isObject(value)) {
    return err([{ code: 'INPUT_MALFORMED', message: `the file is ${nameOf(value)} and not an object` }]);
  }
  const json = readObject(schema, value, '', found);
  return found.problems.length > 0 ? err(found.problems) : ok(json);
}

function readObject(
  schema: DescMessage,
  value: Readonly<Record<string, unknown>>,
  path: string,
  found: ProblemList,
): JsonObject {
  const json: JsonObject = {};
  const chosen = new Map<string, string>();
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const field = fieldOf(schema, name);
    if (!field) {
      found.add(unknownField(schema, name, at));
      continue;
    }
    const twin = chosen.get(field.oneof?.name ?? field.jsonName);
    if (twin !== undefined) {
      found.add({
        code: 'FIELDS_CONTRADICT',
        message: `${at} and ${twin} exclude each other`,
        field: at,
        limit: 'one of the two',
      });
      continue;
    }
    chosen.set(field.oneof?.name ?? field.jsonName, name);
    const read = readField(field, member, at, found);
    if (read !== undefined) json[field.jsonName] = read;
  }
  return json;
}

/** Undefined when there was a problem, which is in `found` then. */
function readField(
  field: DescField,
  value: unknown,
  path: string,
  found: ProblemList,
): JsonValue | undefined {
  if (field.fieldKind === 'list') {
    if (!Array.isArray(value)) return refuse(path, value, 'a list', found);
    const items: JsonValue[] = [];
    for (let i = 0; i < value.length; i++) {
      // The path of an item is written only where it is needed: columns have millions of them.
      const item = readValue(field, value[i], () => `${path}[${i}]`, found);
      if (item !== undefined) items.push(item);
    }
    return items;
  }
  if (field.fieldKind === 'map') {
    if (!isObject(value)) return refuse(path, value, 'an object', found);
    const entries: JsonObject = {};
    for (const [key, member] of Object.entries(value)) {
      const at = (): string => `${path}[${JSON.stringify(key)}]`;
      // Would change the object instead of its members.
      if (key === '__proto__') return refuse(at(), key, 'another name', found);
      const entry = readValue(field, member, at, found);
      if (entry !== undefined) entries[key] = entry;
    }
    return entries;
  }
  // A section whose members are all commented out is null in YAML; for a schedule it means none.
  if (field.fieldKind === 'message' && value === null) return null;
  return readValue(field, value, () => path, found);
}

/** A single value, an item of a list or a value of a map. */
function readValue(
  field: DescField,
  value: unknown,
  path: () => string,
  found: ProblemList,
): JsonValue | undefined {
  const { message } = field;
  if (message && !isWellKnown(message)) {
    return isObject(value)
      ? readObject(message, value, path(), found)
      : refuse(path(), value, 'an object', found);
  }
  const read = message
    ? readWellKnown(message, value)
    : field.enum
      ? readEnum(field.enum, value)
      : field.scalar
        ? readScalar(field.scalar, value)
        : err('nothing');
  return read.ok ? read.value : refuse(path(), value, read.error, found);
}

function isWellKnown(message: DescMessage): boolean {
  return message.typeName.startsWith('google.protobuf.');
}

function readWellKnown(message: DescMessage, value: unknown): Result<JsonValue, Expected> {
  switch (message.typeName) {
    case 'google.protobuf.Duration':
      return readDuration(value);
    case 'google.protobuf.Timestamp':
      return readTime(value);
    case 'google.protobuf.Struct':
      return isObject(value) ? ok(value as JsonObject) : err('an object');
    default:
      return err(`a ${message.name}, which files do not have`);
  }
}

/** By its name in JSON (`maxMoves`) or in the contract (`max_moves`). */
function fieldOf(schema: DescMessage, name: string): DescField | undefined {
  return schema.fields.find((each) => each.jsonName === name || each.name === name);
}

function unknownField(schema: DescMessage, name: string, path: string): Problem {
  const names = schema.fields.map((each) => each.jsonName);
  const meant = closestName(name, names);
  return {
    code: 'FIELD_UNKNOWN',
    message: `${path} is not a field of the contract`,
    field: path,
    limit: names.join(', '),
    remedy: meant ? `Did you mean ${meant}? Otherwise remove it.` : 'Remove it or correct its spelling.',
  };
}

function refuse(path: string, value: unknown, expected: Expected, found: ProblemList): undefined {
  const shown =
    typeof value === 'string' ? value.slice(0, maxShownValue) : isScalar(value) ? value : undefined;
  found.add({
    code: 'FIELD_INVALID',
    message: `${path} is ${nameOf(value)} and not ${expected}`,
    field: path,
    ...(shown === undefined ? {} : { value: shown }),
    limit: expected,
    remedy: `Write ${expected}.`,
  });
  return undefined;
}

/** Longer values are cut: a problem is read by people. */
const maxShownValue = 100;

function nameOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, maxShownValue));
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : String(value);
}

function isScalar(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
