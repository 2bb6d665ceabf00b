import { create } from '@bufbuild/protobuf';
import type { Incident } from '../domain/incident.ts';
import {
  type Incident as IncidentMessage,
  IncidentSchema,
} from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { incidentSeverityCodec } from './enums.ts';
import {
  optionalTimeToMessage,
  timeFromMessage,
  timeToMessage,
  wholeFromMessage,
  wholeToMessage,
} from './scalars.ts';

export function incidentToMessage(incident: Incident): IncidentMessage {
  return create(IncidentSchema, {
    id: incident.id,
    cluster: incident.cluster,
    namespace: incident.namespace,
    severity: incidentSeverityCodec.toMessage(incident.severity),
    title: incident.title,
    source: incident.source,
    openedAt: timeToMessage(incident.openedAt),
    openedBy: incident.openedBy,
    reason: incident.reason,
    closedAt: optionalTimeToMessage(incident.closedAt),
    closedBy: incident.closedBy,
    revision: wholeToMessage(incident.revision),
  });
}

/** Throws `ProblemError` FIELD_INVALID for a severity that this program does not know. */
export function incidentFromMessage(message: IncidentMessage): Incident {
  return {
    id: message.id,
    cluster: message.cluster,
    namespace: message.namespace,
    severity: incidentSeverityCodec.fromMessage(message.severity),
    title: message.title,
    source: message.source,
    openedAt: timeFromMessage(message.openedAt),
    openedBy: message.openedBy,
    reason: message.reason,
    closedAt: timeFromMessage(message.closedAt),
    closedBy: message.closedBy,
    revision: wholeFromMessage(message.revision),
  };
}
