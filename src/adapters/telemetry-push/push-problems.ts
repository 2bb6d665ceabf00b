import type { Problem } from '../../domain/problem.ts';
import type { BatchOrigin, PushKind } from '../../ports/telemetry-intake.ts';
import { maxQueuedSamples } from './sample-intakes.ts';
import { maxSources } from './source-table.ts';

export function notPushed(kind: PushKind, from: string): Problem {
  return {
    code: 'TELEMETRY_NOT_PUSHED',
    message: `the service fetches ${kind} itself, from ${from}`,
    value: kind,
    subject: `source/${kind}`,
    remedy: `Leave ${kind} out, or set sources.${kind} to push in the service's configuration.`,
  };
}

export function unknownNamespace(namespace: string): Problem {
  return {
    code: 'NAMESPACE_NOT_FOUND',
    message: `the service does not work for the namespace ${namespace}`,
    field: 'batch.namespace',
    value: namespace,
  };
}

export function replaced({ source, incarnation }: BatchOrigin): Problem {
  return {
    code: 'TELEMETRY_SOURCE_REPLACED',
    message: `${source} pushes in a later incarnation than ${incarnation}`,
    field: 'batch.origin.incarnation',
    value: incarnation,
    subject: `source/${source}`,
  };
}

export function overloaded(kind: PushKind, { source, sequence }: BatchOrigin, lastAccepted: number): Problem {
  return {
    code: 'TELEMETRY_OVERLOADED',
    message: `batch ${sequence} of ${source} found no room: too many ${kind} wait; the last accepted sequence is ${lastAccepted}`,
    field: 'batch.origin.sequence',
    value: sequence,
    limit: maxQueuedSamples,
    subject: `source/${source}`,
  };
}

export function tooManySources({ source }: BatchOrigin): Problem {
  return {
    code: 'TELEMETRY_OVERLOADED',
    message: `${source} would be one source too many`,
    field: 'batch.origin.source',
    value: source,
    limit: maxSources,
    subject: `source/${source}`,
    remedy: 'Push from fewer agents, and with the same source id after a restart.',
  };
}
