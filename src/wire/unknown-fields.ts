import type { DescMessage, Message } from '@bufbuild/protobuf';

/**
 * Path of the first message within a decoded one that has bytes of fields that the contract does not know (empty for
 * the message itself); undefined when there is none. Such bytes are a newer contract's, or damage.
 */
export function findUnknownFields(schema: DescMessage, message: Message, path = ''): string | undefined {
  if (message.$unknown && message.$unknown.length > 0) return path;
  const members = message as unknown as Readonly<Record<string, unknown>>;
  for (const field of schema.fields) {
    const nested = field.message;
    if (!nested || field.fieldKind === 'map') continue;
    const value = members[field.localName];
    const at = path === '' ? field.jsonName : `${path}.${field.jsonName}`;
    if (field.fieldKind === 'list') {
      for (const [index, item] of (value as readonly Message[]).entries()) {
        const found = findUnknownFields(nested, item, `${at}[${index}]`);
        if (found !== undefined) return found;
      }
    } else if (value !== undefined) {
      const found = findUnknownFields(nested, value as Message, at);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
