import type { ErrorCode } from './error-codes.ts';
import type { Problem } from './problem.ts';

/** Problems named of one policy: more than anybody corrects in one go. */
export const maxPolicyProblems = 200;

/** Collects what the checks of a policy find. */
export interface PolicyFindings {
  readonly problems: Problem[];
  add(
    code: ErrorCode,
    message: string,
    field: string,
    rest?: Omit<Problem, 'code' | 'message' | 'field'>,
  ): void;
  /** A number within its limits (`above`: the minimum itself is refused); integers where `kind` is `count`. */
  number(field: string, value: unknown, rule: NumberLimits): void;
  choice(field: string, value: unknown, choices: readonly string[]): void;
  /** A text that is not empty and not longer than `maxPolicyText`. */
  text(field: string, value: unknown): void;
}

export interface NumberLimits {
  readonly kind: 'count' | 'share' | 'milliseconds' | 'number';
  readonly min: number;
  readonly max: number;
  readonly above?: true;
}

/** Names, labels and reasons in a policy; longer ones are a mistake in the file. */
export const maxPolicyText = 256;

export function createPolicyFindings(): PolicyFindings {
  const problems: Problem[] = [];
  const add: PolicyFindings['add'] = (code, message, field, rest) => {
    if (problems.length < maxPolicyProblems) problems.push({ code, message, field, ...rest });
  };
  return {
    problems,
    add,
    number(field, value, rule) {
      const limit = describeLimits(rule);
      if (typeof value === 'number' && fits(value, rule)) return;
      add('POLICY_INVALID', `${field} is ${String(value)}, which is not ${limit}`, field, {
        value: printable(value),
        limit,
        remedy: `Use ${limit}.`,
      });
    },
    choice(field, value, choices) {
      if (typeof value === 'string' && choices.includes(value)) return;
      add('POLICY_INVALID', `${field} is ${JSON.stringify(value)}, which is not one of its choices`, field, {
        value: printable(value),
        limit: choices.join(', '),
        remedy: `Use one of ${choices.join(', ')}.`,
      });
    },
    text(field, value) {
      if (typeof value === 'string' && value !== '' && value.length <= maxPolicyText) return;
      add('POLICY_INVALID', `${field} is empty, too long or not a text`, field, {
        value: printable(value),
        limit: `1 to ${maxPolicyText} characters`,
        remedy: 'Give it a short text.',
      });
    },
  };
}

/** A value that fits into a problem, cut where it is long. */
export function printable(value: unknown): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > maxPolicyText ? `${text.slice(0, maxPolicyText)}…` : text;
}

function fits(value: number, { kind, min, max, above }: NumberLimits): boolean {
  if (kind === 'count' && !Number.isSafeInteger(value)) return false;
  return (above ? value > min : value >= min) && value <= max;
}

function describeLimits({ kind, min, max, above }: NumberLimits): string {
  const noun = { count: 'an integer', share: 'a share', milliseconds: 'milliseconds', number: 'a number' }[
    kind
  ];
  return above ? `${noun} above ${min} and up to ${max}` : `${noun} from ${min} to ${max}`;
}
