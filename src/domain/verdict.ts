import type { GuardrailCode } from './error-codes.ts';

/** A guardrail's answer. Every verdict, also `allow`, says what was seen and what the limit is. */
export interface Verdict {
  readonly code: GuardrailCode;
  readonly decision: VerdictDecision;
  /** What the verdict is about: `plan`, `node/n3`, `zone/b`, `shard/s9`, `incident/i4`. */
  readonly subject: string;
  readonly observed: string | number;
  readonly limit: string | number;
  readonly message: string;
  readonly remedy: string;
  /** Set when a privileged override turned `block` or `throttle` into `allow`. */
  readonly overriddenBy?: string;
}

/** throttle: may go on later or slower; block: not as it stands. */
export type VerdictDecision = 'allow' | 'throttle' | 'block';

/** A privileged decision to let named guardrails pass; audited. */
export interface GuardrailOverride {
  readonly code: GuardrailCode;
  readonly reason: string;
  /** Principal, filled in by the service. */
  readonly by: string;
}
