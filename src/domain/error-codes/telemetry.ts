import { conflict, type ErrorEntry, overloaded, state } from './error-entry.ts';

/** Why telemetry that an agent pushes is not taken. */
export const telemetryEntries = {
  TELEMETRY_NOT_PUSHED: {
    ...state,
    meaning: 'The service fetches this kind of telemetry itself and takes none that is pushed.',
    remedy: 'Leave it out, or set the source to push in the configuration.',
  },
  TELEMETRY_OVERLOADED: {
    ...overloaded,
    meaning: 'As much pushed telemetry waits as the service holds; the batch was not taken.',
    remedy: 'Wait as long as told, then go on after the last accepted sequence.',
  },
  TELEMETRY_SOURCE_REPLACED: {
    ...conflict,
    meaning: 'A later incarnation of the same source pushes; this one is taken for its past.',
    remedy: 'Give every agent its own source id, and every start a greater incarnation.',
  },
} as const satisfies Record<string, ErrorEntry>;
