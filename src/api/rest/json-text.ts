import { type DescField, type DescMessage, type JsonObject, type Message, toJson } from '@bufbuild/protobuf';
import { onceEach } from '../../base/once-each.ts';

/** Answers have every field, also those at their default. */
export const answerForm = { alwaysEmitImplicit: true } as const;

/**
 * The JSON text of answers. An item of a list is written once for as long as it lives: listed plans are the same messages from
 * one listing to the next, and writing them is most of what a listing costs.
 */
export function createJsonTexts(): (schema: DescMessage, message: Message) => string {
  const writers = new Map<DescMessage, (item: Message) => string>();
  const writerOf = (schema: DescMessage): ((item: Message) => string) => {
    const known = writers.get(schema);
    if (known) return known;
    const writer = onceEach((item: Message) => JSON.stringify(toJson(schema, item, answerForm)));
    writers.set(schema, writer);
    return writer;
  };
  return (schema, message) => {
    const lists = schema.fields.filter(isListOfMessages);
    const members = message as unknown as Readonly<Record<string, readonly Message[]>>;
    const others = toJson(schema, withoutItems(message, lists), answerForm) as JsonObject;
    const parts = Object.entries(others).map(([name, value]) => {
      const list = lists.find((each) => each.jsonName === name);
      const items = list && (members[list.localName] ?? []).map(writerOf(list.message));
      return `${JSON.stringify(name)}:${items ? `[${items.join(',')}]` : JSON.stringify(value)}`;
    });
    return `{${parts.join(',')}}`;
  };
}

type ListOfMessages = DescField & { readonly fieldKind: 'list'; readonly message: DescMessage };

function isListOfMessages(field: DescField): field is ListOfMessages {
  return field.fieldKind === 'list' && field.message !== undefined;
}

function withoutItems(message: Message, lists: readonly ListOfMessages[]): Message {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(message)), message) as Record<
    string,
    unknown
  >;
  for (const { localName } of lists) copy[localName] = [];
  return copy as unknown as Message;
}
