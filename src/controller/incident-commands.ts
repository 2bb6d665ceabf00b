import { err, ok, type Result } from '../base/result.ts';
import type { Incident } from '../domain/incident.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import { receiveAlerts } from './alert-intake.ts';
import { type CommandAttempt, runCommand } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { incidentRecords } from './incident-records.ts';
import { namespaceNotFound, type Problems } from './problems.ts';
import type { IncidentCommands, OpenIncidentRequest } from './rebalancer.ts';

/** Longest title; what more there is to say belongs into the incident's own system. */
export const maxTitleLength = 500;

export function createIncidentCommands(deps: CommandDeps): IncidentCommands {
  const nudgeAll = (): void => {
    for (const unit of deps.units.values()) unit.nudge();
  };
  return {
    async open(request, context) {
      const about = {
        action: 'incident.open',
        namespace: request.namespace,
        subject: `namespace/${request.namespace}`,
      };
      const opened = await runCommand(deps, about, context, () => attemptOpen(deps, request, context));
      if (opened.ok) nudgeAll();
      return opened;
    },
    async close({ id }, context) {
      const known = await deps.store.incident(id);
      const namespace = known?.namespace ?? '';
      const about = { action: 'incident.close', namespace, subject: `incident/${id}` };
      const closed = await runCommand(deps, about, context, () => attemptClose(deps, id, context));
      if (closed.ok) nudgeAll();
      return closed;
    },
    async receiveAlerts(request, context) {
      const received = await receiveAlerts(deps, request, context);
      // Also when the last ones failed: the first may have changed what moves may do.
      nudgeAll();
      return received;
    },
    list: (openOnly) => deps.store.incidents({ cluster: deps.cluster, openOnly }),
  };
}

async function attemptOpen(
  deps: CommandDeps,
  request: OpenIncidentRequest,
  context: CommandContext,
): Promise<Result<CommandAttempt<Incident>, Problems>> {
  const { namespace, severity, title, source } = request;
  if (namespace !== '' && !deps.units.has(namespace)) {
    return err([namespaceNotFound(namespace, deps.units.keys())]);
  }
  const wrong = titleProblem(title);
  if (wrong) return err([wrong]);
  const { principal, reason, transport, changeTicket } = context;
  const incident: Incident = {
    id: deps.newId(),
    cluster: deps.cluster,
    namespace,
    severity,
    title,
    source,
    openedAt: deps.clock.now(),
    openedBy: principal.id,
    reason,
    closedAt: 0,
    closedBy: '',
    revision: 1,
  };
  const batch = incidentRecords(incident, 'open', reason, principal.id, transport, changeTicket);
  return ok({ batch, answer: incident });
}

function titleProblem(title: string): Problem | undefined {
  if (title.trim() === '') {
    return { code: 'FIELD_REQUIRED', message: 'an incident needs a title', field: 'title' };
  }
  if (title.length <= maxTitleLength) return undefined;
  const message = `a title has at most ${maxTitleLength} characters`;
  return { code: 'FIELD_INVALID', message, field: 'title', value: title.length, limit: maxTitleLength };
}

async function attemptClose(
  deps: CommandDeps,
  id: string,
  context: CommandContext,
): Promise<Result<CommandAttempt<Incident>, Problems>> {
  const subject = `incident/${id}`;
  const incident = await deps.store.incident(id);
  if (!incident) {
    return err([{ code: 'INCIDENT_NOT_FOUND', message: `there is no incident ${id}`, value: id, subject }]);
  }
  if (incident.closedAt > 0) {
    const message = `incident ${id} was closed by ${incident.closedBy}`;
    return err([{ code: 'INCIDENT_CLOSED', message, subject }]);
  }
  const { principal, reason, transport, changeTicket } = context;
  const closed: Incident = {
    ...incident,
    closedAt: deps.clock.now(),
    closedBy: principal.id,
    revision: incident.revision + 1,
  };
  const batch = incidentRecords(closed, 'close', reason, principal.id, transport, changeTicket);
  return ok({ batch, answer: closed });
}
