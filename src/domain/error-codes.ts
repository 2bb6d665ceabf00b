import { clientEntries } from './error-codes/client.ts';
import { dataEntries } from './error-codes/data.ts';
import type { ErrorEntry } from './error-codes/error-entry.ts';
import { executionEntries } from './error-codes/execution.ts';
import { fleetEntries } from './error-codes/fleet.ts';
import { guardrailEntries } from './error-codes/guardrail.ts';
import { inputEntries } from './error-codes/input.ts';
import { planEntries } from './error-codes/plan.ts';
import { planningEntries } from './error-codes/planning.ts';
import { policyEntries } from './error-codes/policy.ts';
import { serviceEntries } from './error-codes/service.ts';
import { snapshotEntries } from './error-codes/snapshot.ts';
import { telemetryEntries } from './error-codes/telemetry.ts';
import { transportEntries } from './error-codes/transport.ts';
import { webhookEntries } from './error-codes/webhook.ts';

export type { ErrorEntry, GrpcStatus } from './error-codes/error-entry.ts';

/**
 * The one registry of codes, one file per group. `docs/errors.md` is generated from it and a test proves both
 * directions. A code never changes its meaning; one that is no longer used stays reserved.
 */
export const errorCodes = {
  ...inputEntries,
  ...snapshotEntries,
  ...policyEntries,
  ...planningEntries,
  ...planEntries,
  ...guardrailEntries,
  ...executionEntries,
  ...fleetEntries,
  ...telemetryEntries,
  ...serviceEntries,
  ...clientEntries,
  ...transportEntries,
  ...webhookEntries,
  ...dataEntries,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCodes;

export type GuardrailCode = Extract<ErrorCode, `GUARDRAIL_${string}`>;

export const guardrailCodes = Object.keys(errorCodes).filter((code): code is GuardrailCode =>
  code.startsWith('GUARDRAIL_'),
);

/** Guardrails that nobody can override. */
export const neverOverridable: ReadonlySet<GuardrailCode> = new Set([
  'GUARDRAIL_MIN_HEALTHY_REPLICAS',
  'GUARDRAIL_REPLICA_IN_FLIGHT',
]);
