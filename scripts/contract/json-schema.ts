import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { getComments } from '@bufbuild/protoplugin';
import { shortWord } from '../../src/wire/json-scalar.ts';
import { isOneofRequired, rulesOf } from './field-rules.ts';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** How the same contract is written: in answers and requests by programs, or in files by people. */
export interface SchemaStyle {
  /** Where the schemas of messages and enums are, `#/components/schemas/`. */
  readonly place: string;
  /** Short words for enums, `1m30s` for durations, nothing unknown. */
  readonly kind: boolean;
}

/** Schemas of messages and enums by their names, gathered as they are referred to. */
export interface SchemaCollection {
  /** A reference to the schema of a message. */
  refer(message: DescMessage): JsonSchema;
  /** A reference to the schema of a message without some fields, under another name. */
  referWithout(message: DescMessage, fields: readonly string[], name: string): JsonSchema;
  /** Of a field, with its comment. */
  field(field: DescField): JsonSchema;
  /** By name, sorted. */
  all(): Record<string, JsonSchema>;
}

export function createSchemas(style: SchemaStyle): SchemaCollection {
  const schemas = new Map<string, JsonSchema>();

  function refer(message: DescMessage): JsonSchema {
    const wellKnown = wellKnownSchema(message, style);
    if (wellKnown) return wellKnown;
    const name = nameOf(message);
    if (!schemas.has(name)) {
      // First the place, since messages may contain themselves.
      schemas.set(name, {});
      schemas.set(name, messageSchema(message));
    }
    return { $ref: `${style.place}${name}` };
  }

  function referEnum(desc: DescEnum): JsonSchema {
    const name = nameOf(desc);
    if (!schemas.has(name)) schemas.set(name, enumSchema(desc, style));
    return { $ref: `${style.place}${name}` };
  }

  function messageSchema(message: DescMessage, without: readonly string[] = []): JsonSchema {
    const fields = message.fields.filter((each) => !without.includes(each.name));
    const properties = Object.fromEntries(fields.map((each) => [each.jsonName, fieldSchema(each)]));
    const required = fields.filter((each) => rulesOf(each).required).map((each) => each.jsonName);
    const choices = message.oneofs
      .filter(isOneofRequired)
      .map(({ fields }) => ({ oneOf: fields.map((each) => ({ required: [each.jsonName] })) }));
    return {
      type: 'object',
      ...describe(message),
      properties,
      ...(required.length > 0 ? { required } : {}),
      ...(choices.length > 0 ? { allOf: choices } : {}),
      ...(style.kind ? { additionalProperties: false } : {}),
    };
  }

  function fieldSchema(field: DescField): JsonSchema {
    const { schema: rules } = rulesOf(field);
    const description = describe(field);
    if (field.fieldKind === 'list')
      return { type: 'array', ...description, items: valueSchema(field), ...rules };
    if (field.fieldKind === 'map')
      return { type: 'object', ...description, additionalProperties: valueSchema(field), ...rules };
    return { ...description, ...valueSchema(field), ...rules };
  }

  function valueSchema(field: DescField): JsonSchema {
    if (field.message) return refer(field.message);
    if (field.enum) return referEnum(field.enum);
    return field.scalar === undefined ? {} : scalarSchema(field.scalar);
  }

  return {
    refer,
    referWithout(message, fields, name) {
      if (fields.length === 0) return refer(message);
      schemas.set(name, messageSchema(message, fields));
      return { $ref: `${style.place}${name}` };
    },
    field: fieldSchema,
    all: () => Object.fromEntries([...schemas].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

/** The comment before a declaration, in one line. */
export function commentOf(desc: Parameters<typeof getComments>[0]): string {
  return (getComments(desc).leading ?? '').trim().replaceAll(/\s*\n\s*/g, ' ');
}

function describe(desc: Parameters<typeof getComments>[0]): JsonSchema {
  const description = commentOf(desc);
  return description === '' ? {} : { description };
}

/** `Plan`, `ExecutionPolicy_OnDrift`; what is not of our package keeps its package in front. */
function nameOf(desc: DescMessage | DescEnum): string {
  const ours = 'meshkit.rebalancer.v1.';
  const name = desc.typeName.startsWith(ours) ? desc.typeName.slice(ours.length) : desc.typeName;
  return name.replaceAll('.', '_');
}

function enumSchema(desc: DescEnum, style: SchemaStyle): JsonSchema {
  const values = desc.values.filter(({ number }) => !style.kind || number !== 0);
  const words = values.map((each) => (style.kind ? shortWord(desc, each.name) : each.name));
  const meanings = values.map((each, index) => `\`${words[index]}\`: ${commentOf(each)}`);
  return { type: 'string', description: [commentOf(desc), ...meanings].join('\n'), enum: words };
}

function scalarSchema(scalar: ScalarType): JsonSchema {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: 'number', format: 'double' };
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      // Answers have texts, since not every reader's numbers reach that far; requests may have either.
      return { type: ['string', 'integer'], format: 'int64' };
    default:
      return { type: 'integer', format: 'int32' };
  }
}

function wellKnownSchema(message: DescMessage, style: SchemaStyle): JsonSchema | undefined {
  switch (message.typeName) {
    case 'google.protobuf.Timestamp':
      return { type: 'string', format: 'date-time' };
    case 'google.protobuf.Duration':
      return style.kind
        ? {
            type: 'string',
            pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$',
            examples: ['250ms', '30s', '1m30s', '2h'],
          }
        : { type: 'string', pattern: '^-?\\d+(\\.\\d{1,9})?s$', examples: ['90s'] };
    case 'google.protobuf.Struct':
      return { type: 'object' };
    default:
      return undefined;
  }
}
