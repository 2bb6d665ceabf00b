import { err, ok, type Result } from '../base/result.ts';
import {
  type Alert,
  type AlertIgnored,
  type AlertOutcome,
  clusterOfAlert,
  descriptionOfAlert,
  incidentIdOfAlert,
  isIncidentOfAlert,
  namespaceOfAlert,
  severityOfAlert,
  titleOfAlert,
} from '../domain/alert.ts';
import type { Incident } from '../domain/incident.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { CommitBatch } from '../ports/store.ts';
import { maxCommandAttempts } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { incidentRecords } from './incident-records.ts';
import type { CommandResult, ReceiveAlertsRequest } from './rebalancer.ts';

/** As the contract bounds what people may write. */
const maxTitleLength = 200;
const maxReasonLength = 2_000;

/** What to do about one alert, and what to write for it. */
interface Decision {
  readonly outcome: AlertOutcome;
  readonly batch?: CommitBatch;
}

/**
 * Opens and closes incidents as alerts say, one commit each, so that one that fails leaves the others done. Doing it
 * again changes nothing. Problems: what the store refuses with; the sender then repeats the whole.
 */
export async function receiveAlerts(
  deps: CommandDeps,
  request: ReceiveAlertsRequest,
  context: CommandContext,
): Promise<CommandResult<readonly AlertOutcome[]>> {
  const outcomes: AlertOutcome[] = [];
  for (const alert of request.alerts) {
    const taken = await take(deps, alert, request.receiver, context);
    if (!taken.ok) return err([taken.error]);
    outcomes.push(taken.value);
  }
  return ok(outcomes);
}

async function take(
  deps: CommandDeps,
  alert: Alert,
  receiver: string,
  context: CommandContext,
): Promise<Result<AlertOutcome, Problem>> {
  const reason = whyIgnored(deps, alert, context);
  if (reason) return ok(ignored(alert, reason));
  for (let attempt = 1; ; attempt++) {
    const { outcome, batch } = await (alert.status === 'firing' ? fire : resolve)(
      deps,
      alert,
      receiver,
      context,
    );
    if (!batch) return ok(outcome);
    const committed = await deps.store.commit(batch);
    if (committed.ok) return ok(outcome);
    // Another process heard of the same: what it did is seen in the next round.
    if (committed.error.code !== 'REVISION_CONFLICT' || attempt >= maxCommandAttempts) return committed;
  }
}

function whyIgnored(deps: CommandDeps, alert: Alert, context: CommandContext): AlertIgnored | undefined {
  const cluster = clusterOfAlert(alert);
  if (cluster !== '' && cluster !== deps.cluster) return 'otherCluster';
  const namespace = namespaceOfAlert(alert);
  if (namespace !== '' && !deps.units.has(namespace)) return 'otherNamespace';
  const { namespaces } = context.principal;
  if (namespaces.length > 0 && !namespaces.includes(namespace)) return 'permissionDenied';
  return severityOfAlert(alert) === 'none' ? 'severityNone' : undefined;
}

async function fire(
  deps: CommandDeps,
  alert: Alert,
  receiver: string,
  context: CommandContext,
): Promise<Decision> {
  const [open] = await openIncidents(deps, alert, Number.POSITIVE_INFINITY);
  // A spell whose incident somebody closed stays closed: the alert repeats itself, and it is known.
  const known = open ?? (await deps.store.incident(incidentIdOfAlert(alert)));
  if (known) return { outcome: outcomeOf(alert, 'unchanged', known.id) };
  const severity = severityOfAlert(alert);
  const { principal, transport } = context;
  const incident: Incident = {
    id: incidentIdOfAlert(alert),
    cluster: deps.cluster,
    namespace: namespaceOfAlert(alert),
    severity: severity === 'none' ? 'info' : severity,
    title: titleOfAlert(alert).slice(0, maxTitleLength),
    source: 'alertmanager',
    openedAt: deps.clock.now(),
    openedBy: principal.id,
    reason: reasonOf(alert, 'fires', receiver),
    closedAt: 0,
    closedBy: '',
    revision: 1,
  };
  return {
    outcome: outcomeOf(alert, 'opened', incident.id),
    batch: incidentRecords(incident, 'open', incident.reason, principal.id, transport),
  };
}

async function resolve(
  deps: CommandDeps,
  alert: Alert,
  receiver: string,
  context: CommandContext,
): Promise<Decision> {
  // News of an end that is older than the spell that is open now ends nothing.
  const until = alert.endsAt > 0 ? alert.endsAt : Number.POSITIVE_INFINITY;
  const [open] = await openIncidents(deps, alert, until);
  if (!open) {
    const known = await deps.store.incident(incidentIdOfAlert(alert));
    const closed = known?.namespace === namespaceOfAlert(alert) && known.closedAt > 0;
    return { outcome: closed ? outcomeOf(alert, 'unchanged', known.id) : ignored(alert, 'notOpen') };
  }
  const { principal, transport } = context;
  const closed: Incident = {
    ...open,
    closedAt: deps.clock.now(),
    closedBy: principal.id,
    revision: open.revision + 1,
  };
  return {
    outcome: outcomeOf(alert, 'closed', open.id),
    batch: incidentRecords(
      closed,
      'close',
      reasonOf(alert, 'is resolved', receiver),
      principal.id,
      transport,
    ),
  };
}

/**
 * Open ones of the alert whose spell had begun by `at`; there is one at most. The fingerprint is only what the sender says:
 * whoever names another namespace's must not reach its incident.
 */
async function openIncidents(deps: CommandDeps, alert: Alert, at: number): Promise<readonly Incident[]> {
  const open = await deps.store.incidents({ cluster: deps.cluster, openOnly: true });
  const namespace = namespaceOfAlert(alert);
  return open.filter((each) => each.namespace === namespace && isIncidentOfAlert(each.id, alert, at));
}

function reasonOf(alert: Alert, what: string, receiver: string): string {
  const name = alert.labels.alertname ?? alert.fingerprint;
  const description = descriptionOfAlert(alert);
  const told = receiver ? `the alert ${name} ${what}, says ${receiver}` : `the alert ${name} ${what}`;
  return (description ? `${told}: ${description}` : told).slice(0, maxReasonLength);
}

function outcomeOf(alert: Alert, result: AlertOutcome['result'], incidentId: string): AlertOutcome {
  return { fingerprint: alert.fingerprint, result, incidentId };
}

function ignored(alert: Alert, reason: AlertIgnored): AlertOutcome {
  return { ...outcomeOf(alert, 'ignored', ''), reason };
}
