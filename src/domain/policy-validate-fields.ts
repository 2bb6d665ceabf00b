import { Cron } from 'croner';
import type { ChangeWindow, DimensionPolicy, Policy } from './policy.ts';
import {
  choiceRules,
  maxPolicyDurationMs,
  maxPolicyFactor,
  numberRules,
  planKinds,
} from './policy-field-table.ts';
import type { PolicyFindings } from './policy-findings.ts';
import { compilePattern } from './policy-pattern.ts';

/** Every number, choice, text, pattern, cron expression and time zone of a policy against its own limits. */
export function checkFields(policy: Policy, found: PolicyFindings): void {
  for (const rule of numberRules) found.number(rule.field, readField(policy, rule.field), rule);
  for (const rule of choiceRules) found.choice(rule.field, readField(policy, rule.field), rule.choices);
  checkRegression(policy, found);
  checkSchedule(policy, found);
  for (const [i, dimension] of policy.dimensions.entries())
    checkDimension(dimension, `dimensions[${i}]`, found);
  checkAdapters(policy, found);
  checkExtensions(policy, found);
  checkApprovals(policy, found);
  checkChangeControl(policy, found);
}

function readField(policy: Policy, path: string): unknown {
  let value: unknown = policy;
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }
  return value;
}

function checkRegression(policy: Policy, found: PolicyFindings): void {
  const factor = policy.execution.regressionFactor;
  if (!(factor > 0 && factor < 1)) return;
  found.add('POLICY_INVALID', `execution.regressionFactor is ${factor}`, 'execution.regressionFactor', {
    value: factor,
    limit: '0, or at least 1',
    remedy:
      'Use 0 to turn it off, or a factor such as 1.5; below 1 even an improvement would pause the plan.',
  });
}

function checkSchedule(policy: Policy, found: PolicyFindings): void {
  if (!policy.schedule) return;
  const { cron, timeZone } = policy.schedule;
  checkTimeZone('schedule.timeZone', timeZone, found);
  const refusal = cronRefusal(cron);
  if (refusal === '') return;
  found.add('POLICY_INVALID', `schedule.cron is not a cron expression: ${refusal}`, 'schedule.cron', {
    value: cron.slice(0, maxCronLength),
    limit: 'five or six fields of cron',
    remedy: 'Write for instance "0 6 * * 1-5" for six o\'clock on working days.',
  });
}

/** Longest cron expression; six fields of lists stay far below. */
const maxCronLength = 200;

function cronRefusal(cron: string): string {
  if (cron.length > maxCronLength) return `it has more than ${maxCronLength} characters`;
  try {
    // Paused and without a function: it only parses, no timer starts.
    const job = new Cron(cron, { paused: true, mode: '5-or-6-parts', timezone: 'UTC' });
    // A date that never comes (30 February) parses; asked from a fixed instant so that equal policies judge equally.
    return job.nextRun(new Date(0)) ? '' : 'it never comes';
  } catch (error) {
    return error instanceof Error ? error.message : 'it does not parse';
  }
}

function checkTimeZone(field: string, timeZone: string, found: PolicyFindings): void {
  if (isTimeZone(timeZone)) return;
  found.add('POLICY_INVALID', `${field} is "${timeZone}", which is not a time zone`, field, {
    value: timeZone,
    limit: 'a name of the IANA time zone database',
    remedy: 'Use for instance UTC, Europe/Berlin or America/New_York.',
  });
}

function isTimeZone(name: string): boolean {
  if (name === '') return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Lower-case words joined by hyphens or underscores. */
const namePattern = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;

function checkName(field: string, name: string, found: PolicyFindings): void {
  if (name.length <= 64 && namePattern.test(name)) return;
  found.add('POLICY_INVALID', `${field} is "${name}", which is not a name`, field, {
    value: name,
    limit: 'lower-case letters and digits joined by - or _, at most 64',
    remedy: 'Correct the name.',
  });
}

function checkDimension(dimension: DimensionPolicy, path: string, found: PolicyFindings): void {
  const factor = { kind: 'number', min: 0, max: maxPolicyFactor } as const;
  checkName(`${path}.name`, dimension.name, found);
  found.number(`${path}.weight`, dimension.weight, factor);
  found.number(`${path}.targetUtilization`, dimension.targetUtilization, {
    kind: 'share',
    min: 0,
    max: 1,
    above: true,
  });
  found.number(`${path}.hardLimit`, dimension.hardLimit, { ...factor, above: true });
  const { smoothing } = dimension;
  const duration = { kind: 'milliseconds', min: 1, max: maxPolicyDurationMs } as const;
  found.choice(`${path}.smoothing.kind`, smoothing.kind, ['ewma', 'percentile', 'none']);
  if (smoothing.kind === 'ewma') found.number(`${path}.smoothing.halfLifeMs`, smoothing.halfLifeMs, duration);
  if (smoothing.kind === 'percentile') {
    const percentile = { kind: 'number', min: 0, max: 100, above: true } as const;
    found.number(`${path}.smoothing.percentile`, smoothing.percentile, percentile);
    found.number(`${path}.smoothing.windowMs`, smoothing.windowMs, duration);
  }
}

function checkAdapters(policy: Policy, found: PolicyFindings): void {
  for (const [i, adapter] of policy.scoring.adapters.entries()) {
    const path = `scoring.adapters[${i}]`;
    checkName(`${path}.name`, adapter.name, found);
    // noisyOr needs weights that are probabilities; the other ways of combining only compare them.
    const max = policy.scoring.combine === 'noisyOr' ? 1 : maxPolicyFactor;
    found.number(`${path}.weight`, adapter.weight, { kind: 'number', min: 0, max });
    found.number(`${path}.floor`, adapter.floor, { kind: 'share', min: 0, max: 1 });
    for (const [name, value] of Object.entries(adapter.parameters)) {
      const finite = { kind: 'number', min: -Number.MAX_VALUE, max: Number.MAX_VALUE } as const;
      found.number(`${path}.parameters.${name}`, value, finite);
    }
  }
}

function checkExtensions(policy: Policy, found: PolicyFindings): void {
  const seen = new Set<string>();
  for (const [i, { name }] of policy.placement.extensions.entries()) {
    const path = `placement.extensions[${i}].name`;
    checkName(path, name, found);
    if (seen.has(name)) {
      found.add('POLICY_CONTRADICTORY', `the extension ${name} is named twice`, path, {
        value: name,
        limit: 'each extension once',
        remedy: 'Remove one of the two.',
      });
    }
    seen.add(name);
  }
}

function checkApprovals(policy: Policy, found: PolicyFindings): void {
  const { approvals } = policy;
  for (const [i, group] of approvals.groups.entries()) found.text(`approvals.groups[${i}]`, group);
  for (const [i, kind] of approvals.automatic.entries())
    found.choice(`approvals.automatic[${i}]`, kind, planKinds);
  for (const [i, tier] of approvals.tiers.entries()) {
    const path = `approvals.tiers[${i}]`;
    found.text(`${path}.name`, tier.name);
    found.number(`${path}.required`, tier.required, { kind: 'count', min: 0, max: 100 });
    for (const [g, group] of tier.groups.entries()) found.text(`${path}.groups[${g}]`, group);
    const { aboveMoves, aboveBytes, aboveShareOfShards } = tier;
    const count = { kind: 'count', min: 0, max: Number.MAX_SAFE_INTEGER } as const;
    if (aboveMoves !== undefined) found.number(`${path}.aboveMoves`, aboveMoves, count);
    if (aboveBytes !== undefined) found.number(`${path}.aboveBytes`, aboveBytes, count);
    if (aboveShareOfShards !== undefined) {
      found.number(`${path}.aboveShareOfShards`, aboveShareOfShards, { kind: 'share', min: 0, max: 1 });
    }
    if (aboveMoves !== undefined || aboveBytes !== undefined || aboveShareOfShards !== undefined) continue;
    found.add('POLICY_INVALID', `${path} never applies: it does not say above what`, path, {
      value: tier.name,
      limit: 'one of aboveMoves, aboveBytes, aboveShareOfShards',
      remedy: 'Say above what the tier applies.',
    });
  }
}

function checkChangeControl(policy: Policy, found: PolicyFindings): void {
  const { ticketPattern, windows, freezes } = policy.changeControl;
  const pattern = compilePattern(ticketPattern);
  if (!pattern.ok) {
    found.add('POLICY_INVALID', pattern.error, 'changeControl.ticketPattern', {
      value: ticketPattern,
      limit: 'a short regular expression without look-around, back-references and nested repetition',
      remedy: 'Write for instance "CHG-[0-9]{4,8}".',
    });
  }
  for (const [i, window] of windows.entries()) checkWindow(window, `changeControl.windows[${i}]`, found);
  for (const [i, freeze] of freezes.entries()) {
    const path = `changeControl.freezes[${i}]`;
    // The largest instant that a date can have.
    const instant = { kind: 'milliseconds', min: 0, max: 8_640_000_000_000_000 } as const;
    found.number(`${path}.from`, freeze.from, instant);
    found.number(`${path}.until`, freeze.until, instant);
    found.text(`${path}.reason`, freeze.reason);
  }
}

function checkWindow(window: ChangeWindow, path: string, found: PolicyFindings): void {
  checkTimeZone(`${path}.timeZone`, window.timeZone, found);
  for (const name of ['start', 'end'] as const) {
    if (/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(window[name])) continue;
    found.add(
      'POLICY_INVALID',
      `${path}.${name} is "${window[name]}", which is not a time`,
      `${path}.${name}`,
      {
        value: window[name],
        limit: '00:00 to 23:59',
        remedy: 'Write hours and minutes such as 22:30.',
      },
    );
  }
  if (window.days.length === 0) {
    found.add('POLICY_INVALID', `${path} has no day`, `${path}.days`, {
      value: 0,
      limit: 'at least one of 1 (Monday) to 7 (Sunday)',
      remedy: 'Name the days on which the window opens.',
    });
  }
  for (const [d, day] of window.days.entries())
    found.number(`${path}.days[${d}]`, day, { kind: 'count', min: 1, max: 7 });
}
