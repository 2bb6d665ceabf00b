import { type ErrorEntry, invalid } from './error-entry.ts';

/** What is wrong with what was sent. */
export const inputEntries = {
  INPUT_MALFORMED: {
    ...invalid,
    meaning: 'The input is not valid JSON, YAML or protobuf.',
    remedy: 'Correct the syntax at the place named.',
  },
  FIELD_INVALID: {
    ...invalid,
    meaning: 'A field has a value outside what it allows.',
    remedy: 'Use a value within the limit named.',
  },
  FIELD_UNKNOWN: {
    ...invalid,
    meaning: 'The input has a field that the contract does not know.',
    remedy: 'Remove it or correct its spelling.',
  },
  FIELD_REQUIRED: { ...invalid, meaning: 'A field that must be given is missing.', remedy: 'Give it.' },
  FIELDS_CONTRADICT: {
    ...invalid,
    meaning: 'Two fields exclude each other.',
    remedy: 'Change one of the two.',
  },
} as const satisfies Record<string, ErrorEntry>;
