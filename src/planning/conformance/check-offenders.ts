import type { Constraint } from '../constraint.ts';
import type { Failures } from './conformance-report.ts';
import type { Probe } from './probe.ts';

/** Amounts below this are rounding, for which nobody has to be blamed. */
const negligible = 1e-9;

/** Nobody is named while nothing is violated, somebody is while something is, and twice the same. */
export function checkOffenders(probe: Probe, again: Probe, failures: Failures): void {
  const { problem } = probe.state;
  for (const [i, constraint] of probe.constraints.entries()) {
    const { amount, subjects } = constraint.measure();
    const named = offendersOf(constraint);
    const { name } = constraint;
    if (subjects > 0 !== amount > 0)
      failures.add(name, 'offenders', `it measures ${amount} in ${subjects} subjects`);
    const stranger = named.find(
      (replica) => !Number.isInteger(replica) || replica < 0 || replica >= problem.replicaCount,
    );
    if (stranger !== undefined) failures.add(name, 'offenders', `there is no replica ${stranger}`);
    if (subjects === 0 && named.length > 0)
      failures.add(name, 'offenders', `it names ${named.length} replicas while nothing is violated`);
    // What is held until the plan ends violates without a replica that could be moved.
    if (subjects > 0 && amount > negligible && named.length === 0 && !problem.holdsForPlan)
      failures.add(name, 'offenders', `it names nobody while ${subjects} subjects are violated`);
    const other = offendersOf(again.constraints[i] ?? constraint);
    if (named.join() !== other.join())
      failures.add(name, 'determinism', 'asked twice it names other offenders, or in another order');
  }
}

function offendersOf(constraint: Constraint): readonly number[] {
  const named: number[] = [];
  constraint.offenders((replica) => void named.push(replica));
  return named;
}
