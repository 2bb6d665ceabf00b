import type { DescMessage, Message } from '@bufbuild/protobuf';
import { createValidator, type Validator, type Violation } from '@bufbuild/protovalidate';
import type { Problem } from '../domain/problem.ts';

/** Problems named of one message: enough to see what is wrong, few enough for an answer. */
export const maxMessageProblems = 50;

let validator: Validator | undefined;

/**
 * What the rules that stand in the contract find wrong with a message, at most `maxMessageProblems`: FIELD_REQUIRED and
 * FIELD_INVALID with the path of the field (`spec.dimensions[0].weight`), the value where it is a scalar, and the rule.
 * Throws on a rule that cannot be compiled: a bug of the contract, which its test finds.
 */
export function messageProblems(schema: DescMessage, message: Message): Problem[] {
  // Created on first use: building the rules' environment takes some milliseconds that `mesh version` need not pay.
  validator ??= createValidator();
  const result = validator.validate(schema, message);
  if (result.kind === 'valid') return [];
  if (result.kind === 'error') throw result.error;
  const problems: Problem[] = [];
  const endless = new Set<string>();
  for (const violation of result.violations) {
    if (problems.length >= maxMessageProblems) break;
    const field = pathOf(violation);
    // What is no finite number breaks several rules of its field by the same mistake.
    if (endless.has(field)) continue;
    const value = scalarAt(message, violation);
    if (typeof value === 'number' && !Number.isFinite(value)) endless.add(field);
    problems.push(problemOf(violation, field, value));
  }
  return problems;
}

function problemOf(violation: Violation, field: string, found: Problem['value']): Problem {
  const name = field || 'the message';
  // JSON has no word for what is no finite number.
  const value = typeof found === 'number' && !Number.isFinite(found) ? String(found) : found;
  if (isMissing(violation, value)) {
    return { code: 'FIELD_REQUIRED', message: `${name} must be given`, field };
  }
  const shown = typeof found === 'number' ? String(found) : JSON.stringify(value);
  const given = value === undefined ? name : `${name} is ${shown} and`;
  return {
    code: 'FIELD_INVALID',
    message: `${given} ${violation.message}`,
    field,
    ...(value === undefined ? {} : { value }),
    limit: violation.message.replace(/^must be /, ''),
  };
}

/** An empty text that breaks a rule, or an enum that must not be its zero value, was simply not given. */
function isMissing(violation: Violation, value: Problem['value']): boolean {
  return (
    violation.ruleId === 'required' || value === '' || (violation.ruleId === 'enum.not_in' && value === 0)
  );
}

/** `spec.dimensions[0].parameters["p99"]`, in the names of the JSON form. */
function pathOf(violation: Violation): string {
  let path = '';
  for (const element of violation.field) {
    switch (element.kind) {
      case 'list_sub':
        path += `[${element.index}]`;
        break;
      case 'map_sub':
        path += `[${JSON.stringify(String(element.key))}]`;
        break;
      case 'field':
        path += `${path === '' ? '' : '.'}${element.jsonName}`;
        break;
      default:
        path += `${path === '' ? '' : '.'}${element.name}`;
    }
  }
  return path;
}

/** The value that broke the rule, where it is one that a problem can show. */
function scalarAt(message: Message, violation: Violation): Problem['value'] {
  let value: unknown = message;
  for (const element of violation.field) {
    if (typeof value !== 'object' || value === null) return undefined;
    const members = value as Readonly<Record<string, unknown>>;
    if (element.kind === 'list_sub') value = members[element.index];
    else if (element.kind === 'map_sub') value = members[String(element.key)];
    else if (element.kind === 'field') {
      const oneof = element.oneof ? members[element.oneof.localName] : undefined;
      const chosen = oneof as { readonly case?: string; readonly value?: unknown } | undefined;
      value = chosen && 'case' in chosen ? chosen.value : members[element.localName];
    } else return undefined;
  }
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && value.length > maxShownValue) return `${value.slice(0, maxShownValue)}...`;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

/** Longer values are cut: a problem is read by people. */
const maxShownValue = 200;
