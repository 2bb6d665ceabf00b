import { err, ok, type Result } from '../base/result.ts';
import {
  type Alert,
  type AlertIgnored,
  type AlertOutcome,
  clusterOfAlert,
  descriptionOfAlert,
  incidentIdOfAlert,
  namespaceOfAlert,
  severityOfAlert,
  spellOfIncident,
  titleOfAlert,
} from '../domain/alert.ts';
import type { Incident } from '../domain/incident.ts';
import { type CommandContext, mayActOn } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import { maxCommandAttempts } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { incidentRecords } from './incident-records.ts';
import type { CommandResult, ReceiveAlertsRequest } from './rebalancer.ts';

/** As the contract bounds what people may write. */
const maxTitleLength = 200;
const maxReasonLength = 2_000;

/** One notification: what it came by, and what is open while it is worked through. */
interface Intake {
  readonly deps: CommandDeps;
  readonly receiver: string;
  readonly context: CommandContext;
  open: OpenIncidents;
}

/** Open incidents of alerts, by namespace and fingerprint; one of each at most. */
type OpenIncidents = Map<string, Incident>;

/** What to do about one alert: what to answer, and the incident to write for it. */
interface Decision {
  readonly outcome: AlertOutcome;
  readonly write?: { readonly incident: Incident; readonly what: 'open' | 'close'; readonly reason: string };
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
  const intake = { deps, receiver: request.receiver, context, open: await readOpen(deps) };
  const outcomes: AlertOutcome[] = [];
  for (const alert of request.alerts) {
    const taken = await take(intake, alert);
    if (!taken.ok) return err([taken.error]);
    outcomes.push(taken.value);
  }
  return ok(outcomes);
}

async function take(intake: Intake, alert: Alert): Promise<Result<AlertOutcome, Problem>> {
  const { deps, context } = intake;
  const reason = whyIgnored(deps, alert, context);
  if (reason) return ok(ignored(alert, reason));
  for (let attempt = 1; ; attempt++) {
    const { outcome, write } = await (alert.status === 'firing' ? fire : resolve)(intake, alert);
    if (!write) return ok(outcome);
    const { incident, what } = write;
    const { principal, transport } = context;
    const committed = await deps.store.commit(
      incidentRecords(incident, what, write.reason, principal.id, transport),
    );
    if (committed.ok) {
      if (what === 'open') intake.open.set(keyOf(alert), incident);
      else intake.open.delete(keyOf(alert));
      return ok(outcome);
    }
    // Another process heard of the same: what it did is seen in the next round.
    if (committed.error.code !== 'REVISION_CONFLICT' || attempt >= maxCommandAttempts) return committed;
    intake.open = await readOpen(deps);
  }
}

function whyIgnored(deps: CommandDeps, alert: Alert, context: CommandContext): AlertIgnored | undefined {
  const cluster = clusterOfAlert(alert);
  if (cluster !== '' && cluster !== deps.cluster) return 'otherCluster';
  const namespace = namespaceOfAlert(alert);
  if (namespace !== '' && !deps.units.has(namespace)) return 'otherNamespace';
  if (!mayActOn(context.principal, 'mesh.operate', namespace)) return 'permissionDenied';
  return severityOfAlert(alert) === 'none' ? 'severityNone' : undefined;
}

async function fire({ deps, receiver, context, open }: Intake, alert: Alert): Promise<Decision> {
  // A spell whose incident somebody closed stays closed: the alert repeats itself, and it is known.
  const known = open.get(keyOf(alert)) ?? (await deps.store.incident(incidentIdOfAlert(alert)));
  if (known) return { outcome: outcomeOf(alert, 'unchanged', known.id) };
  const severity = severityOfAlert(alert);
  const reason = reasonOf(alert, 'fires', receiver);
  const incident: Incident = {
    id: incidentIdOfAlert(alert),
    cluster: deps.cluster,
    namespace: namespaceOfAlert(alert),
    severity: severity === 'none' ? 'info' : severity,
    title: titleOfAlert(alert).slice(0, maxTitleLength),
    source: 'alertmanager',
    openedAt: deps.clock.now(),
    openedBy: context.principal.id,
    reason,
    closedAt: 0,
    closedBy: '',
    revision: 1,
  };
  return { outcome: outcomeOf(alert, 'opened', incident.id), write: { incident, what: 'open', reason } };
}

async function resolve({ deps, receiver, context, open }: Intake, alert: Alert): Promise<Decision> {
  const incident = open.get(keyOf(alert));
  // News of an end that is older than the spell that is open now ends nothing.
  const began = incident ? (spellOfIncident(incident.id)?.startsAt ?? 0) : 0;
  if (!incident || (alert.endsAt > 0 && began > alert.endsAt)) {
    const known = await deps.store.incident(incidentIdOfAlert(alert));
    const closed = known?.namespace === namespaceOfAlert(alert) && known.closedAt > 0;
    return { outcome: closed ? outcomeOf(alert, 'unchanged', known.id) : ignored(alert, 'notOpen') };
  }
  const closed: Incident = {
    ...incident,
    closedAt: deps.clock.now(),
    closedBy: context.principal.id,
    revision: incident.revision + 1,
  };
  const reason = reasonOf(alert, 'is resolved', receiver);
  return {
    outcome: outcomeOf(alert, 'closed', incident.id),
    write: { incident: closed, what: 'close', reason },
  };
}

async function readOpen({ store, cluster }: CommandDeps): Promise<OpenIncidents> {
  const incidents = await store.incidents({ cluster, openOnly: true });
  return new Map(
    incidents.flatMap((incident): [string, Incident][] => {
      const spell = spellOfIncident(incident.id);
      return spell ? [[key(incident.namespace, spell.fingerprint), incident]] : [];
    }),
  );
}

/**
 * The fingerprint is only what the sender says: with the namespace beside it, whoever names another namespace's alert does
 * not reach its incident.
 */
function keyOf(alert: Alert): string {
  return key(namespaceOfAlert(alert), alert.fingerprint);
}

function key(namespace: string, fingerprint: string): string {
  return `${namespace}/${fingerprint}`;
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
