import type { Incident } from '../domain/incident.ts';
import type { CommitBatch } from '../ports/store.ts';

/** What stores an incident that was opened or closed, with its audit record and event. */
export function incidentRecords(
  incident: Incident,
  what: 'open' | 'close',
  reason: string,
  actor: string,
  transport: string,
  changeTicket = '',
): CommitBatch {
  const subject = `incident/${incident.id}`;
  const at = what === 'open' ? incident.openedAt : incident.closedAt;
  const { cluster, namespace, severity, title, source } = incident;
  return {
    incidents: [incident],
    audit: [
      {
        at,
        actor,
        action: `incident.${what}`,
        cluster,
        namespace,
        subject,
        reason,
        changeTicket,
        transport,
        outcome: 'ok',
        before: '',
        after: '',
        details: { severity, title, source },
      },
    ],
    events: [
      {
        at,
        type: what === 'open' ? 'incidentOpened' : 'incidentClosed',
        cluster,
        namespace,
        subject,
        data: { severity, title, source, reason, by: actor },
      },
    ],
  };
}
