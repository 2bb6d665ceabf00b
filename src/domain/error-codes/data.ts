import { away, type ErrorEntry, invalid, state } from './error-entry.ts';

/** Files, configuration, addresses and the data directory. */
export const dataEntries = {
  FILE_UNREADABLE: {
    ...invalid,
    meaning: 'A file cannot be read or written.',
    remedy: 'Check the path and the rights.',
  },
  STORAGE_FULL: {
    ...away,
    meaning: 'The disk of the data directory is full: nothing was stored.',
    remedy: 'Free space; what was under way goes on by itself.',
  },
  CONFIG_INVALID: {
    ...invalid,
    meaning: 'The configuration has a value that is not allowed.',
    remedy: 'Correct the field named.',
  },
  SCORING_MODULE_INVALID: {
    ...invalid,
    meaning: 'A scoring module cannot be loaded or does not keep the contract.',
    remedy: 'See docs/scoring-adapters.md and run the conformance kit.',
  },
  PLANNER_MODULE_INVALID: {
    ...invalid,
    meaning: 'A planner module cannot be loaded or does not keep the contract.',
    remedy: 'Run mesh planner check-module; see docs/planner-extensions.md.',
  },
  LISTEN_FAILED: {
    ...away,
    meaning: 'The address cannot be listened on.',
    remedy: 'Choose a free port on loopback.',
  },
  LISTEN_INSECURE: {
    grpc: 'FAILED_PRECONDITION',
    http: 412,
    meaning: 'Without TLS and credentials the service listens on loopback only, and only with --dev.',
    remedy: 'Add --dev and a loopback address.',
  },
  DATA_DIRECTORY_FOREIGN: {
    ...state,
    meaning: 'The data directory holds something that is not ours.',
    remedy: 'Name an empty or new directory.',
  },
  DATA_DIRECTORY_NEWER: {
    ...state,
    meaning: 'The data directory was written by a newer version of the program.',
    remedy: 'Use that version or a newer one.',
  },
  DATA_DIRECTORY_LOCKED: {
    ...state,
    meaning: 'Another process uses the data directory.',
    remedy: 'Stop it, or name another directory.',
  },
  DATA_DIRECTORY_CORRUPT: {
    ...state,
    meaning: 'The data directory is damaged.',
    remedy: 'Restore it from a backup.',
  },
  DEV_CREDENTIALS_DAMAGED: {
    ...state,
    meaning: 'A file of the development credentials is not what the service wrote there.',
    remedy: 'Delete the folder named and start again: everything in it is made anew.',
  },
  AUDIT_CHAIN_BROKEN: {
    ...state,
    meaning: 'The audit trail was altered: a hash does not fit.',
    remedy: 'Keep the data, and compare with an exported trail.',
  },
} as const satisfies Record<string, ErrorEntry>;
