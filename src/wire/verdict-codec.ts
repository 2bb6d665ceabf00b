import { create } from '@bufbuild/protobuf';
import { type GuardrailCode, guardrailCodes } from '../domain/error-codes.ts';
import { ProblemError } from '../domain/problem.ts';
import type { GuardrailOverride, Verdict } from '../domain/verdict.ts';
import {
  type GuardrailOverride as GuardrailOverrideMessage,
  GuardrailOverrideSchema,
  type Verdict as VerdictMessage,
  VerdictSchema,
} from '../gen/meshkit/rebalancer/v1/verdict_pb.ts';
import { verdictDecisionCodec } from './enums.ts';
import { compact } from './scalars.ts';

export function verdictToMessage(verdict: Verdict): VerdictMessage {
  return create(VerdictSchema, {
    code: verdict.code,
    decision: verdictDecisionCodec.toMessage(verdict.decision),
    subject: verdict.subject,
    observed:
      typeof verdict.observed === 'number'
        ? { case: 'observedNumber', value: verdict.observed }
        : { case: 'observedText', value: verdict.observed },
    limit:
      typeof verdict.limit === 'number'
        ? { case: 'limitNumber', value: verdict.limit }
        : { case: 'limitText', value: verdict.limit },
    message: verdict.message,
    remedy: verdict.remedy,
    overriddenBy: verdict.overriddenBy ?? '',
  });
}

/** Throws `ProblemError` FIELD_INVALID for a code or decision that this program does not know. */
export function verdictFromMessage(message: VerdictMessage): Verdict {
  return compact({
    code: guardrailCodeFromMessage(message.code),
    decision: verdictDecisionCodec.fromMessage(message.decision),
    subject: message.subject,
    observed: message.observed.value ?? '',
    limit: message.limit.value ?? '',
    message: message.message,
    remedy: message.remedy,
    overriddenBy: message.overriddenBy || undefined,
  });
}

export function overrideToMessage(override: GuardrailOverride): GuardrailOverrideMessage {
  return create(GuardrailOverrideSchema, {
    code: override.code,
    reason: override.reason,
    by: override.by,
  });
}

/** Throws `ProblemError` FIELD_INVALID for a code that is no guardrail's. */
export function overrideFromMessage(message: GuardrailOverrideMessage): GuardrailOverride {
  return { code: guardrailCodeFromMessage(message.code), reason: message.reason, by: message.by };
}

function guardrailCodeFromMessage(code: string): GuardrailCode {
  const known = guardrailCodes.find((each) => each === code);
  if (known) return known;
  throw new ProblemError({
    code: 'FIELD_INVALID',
    message: `"${code}" is not the code of a guardrail`,
    field: 'code',
    value: code,
    limit: 'a GUARDRAIL_ code of docs/errors.md',
  });
}
