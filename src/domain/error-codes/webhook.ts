import { type ErrorEntry, missing } from './error-entry.ts';

/** Events that go out. */
export const webhookEntries = {
  WEBHOOK_NOT_FOUND: {
    ...missing,
    meaning: 'No webhook of this name is configured.',
    remedy: "List the webhooks; they stand in the service's configuration.",
  },
  DEAD_LETTER_NOT_FOUND: {
    ...missing,
    meaning: 'The webhook has no dead letter of this event.',
    remedy: 'List its dead letters: it may have been delivered or dropped meanwhile.',
  },
} as const satisfies Record<string, ErrorEntry>;
