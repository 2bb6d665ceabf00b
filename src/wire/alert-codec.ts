import { create } from '@bufbuild/protobuf';
import type { Alert, AlertIgnored, AlertOutcome, AlertResult } from '../domain/alert.ts';
import {
  AlertIgnored as AlertIgnoredValue,
  type Alert as AlertMessage,
  AlertOutcomeSchema,
  AlertResult as AlertResultValue,
} from '../gen/meshkit/rebalancer/v1/alert_pb.ts';
import {
  type ReceiveAlertsResponse,
  ReceiveAlertsResponseSchema,
} from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { createEnumCodec } from './enum-codec.ts';
import { timeFromMessage } from './scalars.ts';

export const alertResultCodec = createEnumCodec<AlertResult, AlertResultValue>('AlertResult', {
  opened: AlertResultValue.OPENED,
  closed: AlertResultValue.CLOSED,
  unchanged: AlertResultValue.UNCHANGED,
  ignored: AlertResultValue.IGNORED,
});

export const alertIgnoredCodec = createEnumCodec<AlertIgnored, AlertIgnoredValue>('AlertIgnored', {
  severityNone: AlertIgnoredValue.SEVERITY_NONE,
  otherNamespace: AlertIgnoredValue.OTHER_NAMESPACE,
  otherCluster: AlertIgnoredValue.OTHER_CLUSTER,
  permissionDenied: AlertIgnoredValue.PERMISSION_DENIED,
  notOpen: AlertIgnoredValue.NOT_OPEN,
});

/** Of a message that keeps the contract's rules. */
export function alertFromMessage(message: AlertMessage): Alert {
  return {
    status: message.status === 'resolved' ? 'resolved' : 'firing',
    labels: message.labels,
    annotations: message.annotations,
    startsAt: timeFromMessage(message.startsAt),
    // Alertmanager sends the year 1 where it means none.
    endsAt: Math.max(0, timeFromMessage(message.endsAt)),
    fingerprint: message.fingerprint,
  };
}

/** The outcomes, and how many there are of each kind. */
export function receiveAlertsToMessage(outcomes: readonly AlertOutcome[]): ReceiveAlertsResponse {
  const count = (result: AlertResult): number => outcomes.filter((each) => each.result === result).length;
  return create(ReceiveAlertsResponseSchema, {
    opened: count('opened'),
    closed: count('closed'),
    unchanged: count('unchanged'),
    ignored: count('ignored'),
    outcomes: outcomes.map(({ fingerprint, result, incidentId, reason }) =>
      create(AlertOutcomeSchema, {
        fingerprint,
        result: alertResultCodec.toMessage(result),
        incidentId,
        reason: reason ? alertIgnoredCodec.toMessage(reason) : AlertIgnoredValue.UNSPECIFIED,
      }),
    ),
  });
}
