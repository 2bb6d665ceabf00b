import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type MessageShape,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { shortWord } from './json-scalar.ts';

/**
 * A message's JSON form as people write it: short words for enums, `1m30s` for durations, numbers for integers that
 * JSON can hold. `readMessage` reads it back to the same message.
 */
export function writeKindly<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): JsonObject {
  return kindObject(schema, toJson(schema, message) as JsonObject);
}

function kindObject(schema: DescMessage, json: JsonObject): JsonObject {
  const kind: JsonObject = {};
  for (const [name, value] of Object.entries(json)) {
    const field = schema.fields.find((each) => each.jsonName === name);
    kind[name] = field ? kindField(field, value) : value;
  }
  return kind;
}

function kindField(field: DescField, value: JsonValue): JsonValue {
  if (field.fieldKind === 'list' && Array.isArray(value)) return value.map((item) => kindValue(field, item));
  if (field.fieldKind === 'map' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, kindValue(field, member)]));
  }
  return kindValue(field, value);
}

function kindValue(field: DescField, value: JsonValue): JsonValue {
  if (field.enum && typeof value === 'string') return shortWord(field.enum, value);
  if (field.message?.typeName === 'google.protobuf.Duration' && typeof value === 'string') {
    return kindDuration(value);
  }
  if (field.message && !field.message.typeName.startsWith('google.protobuf.') && isObject(value)) {
    return kindObject(field.message, value);
  }
  // int64 is a text in protobuf's JSON, because not every reader's numbers reach that far; texts of digits stay texts.
  if (
    field.scalar &&
    typeof value === 'string' &&
    /^-?\d+$/.test(value) &&
    field.scalar !== ScalarType.STRING
  ) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  return value;
}

/** The short form where it is exact. */
function kindDuration(text: string): string {
  const exact = parseDuration(text);
  if (!exact.ok) return text;
  const short = formatDuration(exact.value);
  const back = parseDuration(short);
  return back.ok && back.value === exact.value ? short : text;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
