import { type DescField, type DescOneof, getOption } from '@bufbuild/protobuf';
import {
  type FieldRules,
  field as fieldRules,
  Ignore,
  oneof as oneofRules,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonSchema } from './json-schema.ts';

/** What the contract's rules say of a field, in the words of JSON Schema. */
export function rulesOf(field: DescField): { readonly required: boolean; readonly schema: JsonSchema } {
  const rules = getOption(field, fieldRules);
  if (rules.ignore === Ignore.ALWAYS) return { required: false, schema: {} };
  return { required: rules.required || isNeverEmpty(rules), schema: schemaOf(rules) };
}

export function isOneofRequired(oneof: DescOneof): boolean {
  return getOption(oneof, oneofRules).required;
}

/** A text of at least one character or of a form, and an enum that must not be its zero value, must be given. */
function isNeverEmpty({ type }: FieldRules): boolean {
  if (type.case === 'string') {
    const { minLen, const: only, pattern } = type.value;
    return minLen > 0n || only !== '' || !new RegExp(pattern).test('');
  }
  if (type.case === 'enum') return type.value.notIn.includes(0);
  return type.case === 'repeated' && type.value.minItems > 0n;
}

function schemaOf({ type }: FieldRules): JsonSchema {
  switch (type.case) {
    case 'string': {
      const { minLen, maxLen, pattern, const: only } = type.value;
      return given({
        minLength: Number(minLen) || undefined,
        maxLength: Number(maxLen) || undefined,
        pattern: pattern || undefined,
        const: only || undefined,
      });
    }
    case 'double':
    case 'int32':
    case 'int64':
      return boundsOf(type.value.greaterThan, type.value.lessThan);
    case 'repeated':
      return given({
        minItems: Number(type.value.minItems) || undefined,
        maxItems: Number(type.value.maxItems) || undefined,
      });
    case 'map':
      return given({ maxProperties: Number(type.value.maxPairs) || undefined });
    default:
      return {};
  }
}

interface Bound {
  readonly case?: string | undefined;
  readonly value?: number | bigint | undefined;
}

function boundsOf(least: Bound, most: Bound): JsonSchema {
  const number = ({ value }: Bound): number | undefined => (value === undefined ? undefined : Number(value));
  return given({
    minimum: least.case === 'gte' ? number(least) : undefined,
    exclusiveMinimum: least.case === 'gt' ? number(least) : undefined,
    maximum: most.case === 'lte' ? number(most) : undefined,
    exclusiveMaximum: most.case === 'lt' ? number(most) : undefined,
  });
}

function given(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
