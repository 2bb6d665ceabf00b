import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf';
import type { Session } from './session.ts';

/** Prints a message for programs, with every field, also those at their default. */
export function printMessage<Desc extends DescMessage>(
  session: Session,
  schema: Desc,
  message: MessageShape<Desc>,
): void {
  session.printText(`${JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true }), null, 2)}\n`);
}
