import type { ServiceImpl } from '@connectrpc/connect';
import { namespaceOfAlert } from '../domain/alert.ts';
import type { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { alertFromMessage, receiveAlertsToMessage } from '../wire/alert-codec.ts';
import { incidentSeverityCodec } from '../wire/enums.ts';
import { incidentToMessage } from '../wire/incident-codec.ts';
import type { ApiDeps } from './api-deps.ts';
import { pageOfIncidents } from './list-incidents.ts';
import {
  grantedNamespaces,
  recordNamespaceDenial,
  requireNamespace,
  seesNamespace,
} from './namespace-limit.ts';
import { commandContext } from './request-context.ts';
import { unwrap } from './unwrap.ts';

/** Where an incident comes from when the request does not say. */
const defaultSource = 'operator';

export function createIncidentService(deps: ApiDeps): ServiceImpl<typeof IncidentService> {
  const { incidents } = deps.rebalancer;
  return {
    async openIncident(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const opening = {
        namespace: request.namespace,
        severity: incidentSeverityCodec.fromMessage(request.severity),
        title: request.title,
        source: request.source || defaultSource,
      };
      const incident = unwrap(await incidents.open(opening, commandContext(context, request)));
      return { incident: incidentToMessage(incident) };
    },
    async closeIncident(request, context) {
      if (grantedNamespaces(context) !== 'all') {
        const known = (await incidents.list(false)).find((each) => each.id === request.id);
        if (known) await requireNamespace(deps, context, known.namespace);
      }
      const incident = unwrap(await incidents.close({ id: request.id }, commandContext(context, request)));
      return { incident: incidentToMessage(incident) };
    },
    async listIncidents(request, context) {
      // Incidents of the whole cluster concern every namespace.
      const visible = (await incidents.list(request.openOnly)).filter(
        (each) => each.namespace === '' || seesNamespace(context, each.namespace),
      );
      const page = pageOfIncidents(visible, request);
      return { incidents: page.incidents.map(incidentToMessage), nextCursor: page.nextCursor };
    },
    async receiveAlerts(request, context) {
      const alerts = request.alerts.map(alertFromMessage);
      const received = { receiver: request.receiver, alerts };
      const outcomes = unwrap(await incidents.receiveAlerts(received, commandContext(context, {})));
      const denied = alerts.filter((_, index) => outcomes[index]?.reason === 'permissionDenied');
      // One record per namespace: a notification may repeat the same hundred times.
      for (const namespace of new Set(denied.map(namespaceOfAlert)))
        await recordNamespaceDenial(deps, context, namespace);
      return receiveAlertsToMessage(outcomes);
    },
  };
}
