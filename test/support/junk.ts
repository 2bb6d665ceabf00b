import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import type { Random } from '../../src/base/random.ts';

/** How deep messages go into each other. */
const maxDepth = 4;

const texts = [
  '',
  'orders',
  'test',
  'x',
  '\u0000',
  '../../etc/passwd',
  "'; DROP TABLE plans; --",
  '💥'.repeat(50),
  '\ud800',
  'a'.repeat(3_000),
  `sha256:${'0'.repeat(64)}`,
  '9'.repeat(40),
  '-1',
  '%s%n{0}',
  '__proto__',
  'constructor',
  '2026-01-05T12:00:00Z',
  '01J8Z300000000000000000000',
];
const integers = [0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31), 2 ** 31];
const longs = [
  '0',
  '1',
  '-1',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
];
const doubles: readonly JsonValue[] = [0, -0, 1, -1, 1e308, -1e308, 5e-324, 'NaN', 'Infinity', '-Infinity'];
const wrongs: readonly JsonValue[] = [null, true, 'text', 12, [], {}, [[]], { a: 1 }, '\u202e'];

/** A request that has the fields of its message, with values that are extreme, senseless or of another type. */
export function junkOf(message: DescMessage, random: Random, depth = 0): JsonObject {
  const result: JsonObject = {};
  for (const field of message.fields) {
    const chance = random.next();
    // One value in fifty is of a wrong type: then the rest of the request is not looked at.
    if (chance < 0.02) result[field.jsonName] = oneOf(wrongs, random);
    else if (chance < 0.75) result[field.jsonName] = valueFor(field, random, depth);
  }
  return result;
}

function valueFor(field: DescField, random: Random, depth: number): JsonValue {
  switch (field.fieldKind) {
    case 'list':
      return repeated(random, () => elementOf(field, random, depth));
    case 'map':
      return Object.fromEntries(repeated(random, () => [oneOf(texts, random), oneOf(texts, random)]));
    default:
      return elementOf(field, random, depth);
  }
}

function elementOf(field: DescField, random: Random, depth: number): JsonValue {
  if (field.message) return messageOf(field.message, random, depth);
  if (field.enum) return oneOf([...field.enum.values.map(({ name }) => name), 99, 'NONSENSE'], random);
  return scalarOf(field.scalar, random);
}

function messageOf(message: DescMessage, random: Random, depth: number): JsonValue {
  if (message.typeName === 'google.protobuf.Timestamp')
    return oneOf(
      ['2026-01-05T12:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', 'soon'],
      random,
    );
  if (message.typeName === 'google.protobuf.Duration')
    return oneOf(['1s', '-1s', '315576000000s', '0.000000001s', 'long'], random);
  if (message.typeName.startsWith('google.protobuf.')) return oneOf(wrongs, random);
  return depth >= maxDepth ? {} : junkOf(message, random, depth + 1);
}

function scalarOf(type: ScalarType | undefined, random: Random): JsonValue {
  switch (type) {
    case ScalarType.BOOL:
      return random.next() < 0.5;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return oneOf(doubles, random);
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return oneOf(longs, random);
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return oneOf(texts, random);
    default:
      return oneOf(integers, random);
  }
}

function repeated<T>(random: Random, make: () => T): T[] {
  return Array.from({ length: oneOf([0, 1, 1, 2, 5], random) }, make);
}

function oneOf<T>(choices: readonly T[], random: Random): T {
  const chosen = choices[Math.floor(random.next() * choices.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
}
