import { expect } from 'bun:test';
import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageShape,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import fc from 'fast-check';
import { readMessage } from './json-reader.ts';
import { writeKindly } from './json-writer.ts';

export const runs = { numRuns: 60 };

/** Domain → message → bytes, JSON, and the form that people write → message → domain changes nothing. */
export function survives<T, Desc extends DescMessage>(
  values: fc.Arbitrary<T>,
  schema: Desc,
  toMessage: (value: T) => MessageShape<Desc>,
  fromMessage: (message: MessageShape<Desc>) => T,
): void {
  fc.assert(
    fc.property(values, (value) => {
      const message = toMessage(value);
      expect(fromMessage(fromBinary(schema, toBinary(schema, message)))).toStrictEqual(value);
      const json = JSON.parse(JSON.stringify(toJson(schema, message))) as JsonValue;
      expect(fromMessage(fromJson(schema, json))).toStrictEqual(value);
      const kind = readMessage(schema, JSON.parse(JSON.stringify(writeKindly(schema, message))));
      if (!kind.ok) throw new Error(JSON.stringify(kind.error));
      expect(fromMessage(kind.value)).toStrictEqual(value);
    }),
    runs,
  );
}
