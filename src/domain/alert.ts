import type { IncidentSeverity } from './incident.ts';

/** An alert as Prometheus' Alertmanager tells of it. */
export interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Since when it fires, milliseconds since the epoch by the clock of who saw it. */
  readonly startsAt: number;
  /** When it ended, by the same clock; 0 when it is not told. */
  readonly endsAt: number;
  /** Identifies the set of labels; letters and digits. */
  readonly fingerprint: string;
}

/** What became of one. */
export interface AlertOutcome {
  readonly fingerprint: string;
  readonly result: AlertResult;
  /** Empty when there is none. */
  readonly incidentId: string;
  /** Only where it was ignored. */
  readonly reason?: AlertIgnored;
}

export const alertResults = ['opened', 'closed', 'unchanged', 'ignored'] as const;
export type AlertResult = (typeof alertResults)[number];

export type AlertIgnored =
  | 'severityNone'
  | 'otherNamespace'
  | 'otherCluster'
  | 'permissionDenied'
  | 'notOpen';

/** Label that names one of our namespaces; it is believed before `namespace`, which Kubernetes' own alerts have as well. */
const ownNamespaceLabel = 'mesh_namespace';
const namespaceLabel = 'namespace';
const clusterLabel = 'mesh_cluster';

const severities: Readonly<Record<string, IncidentSeverity | 'none'>> = {
  critical: 'critical',
  page: 'critical',
  emergency: 'critical',
  fatal: 'critical',
  disaster: 'critical',
  info: 'info',
  informational: 'info',
  notice: 'info',
  debug: 'info',
  none: 'none',
};

/** From the label `severity`. Whatever we do not know is a warning: somebody found it worth an alert. */
export function severityOfAlert(alert: Alert): IncidentSeverity | 'none' {
  const label = (alert.labels.severity ?? '').trim().toLowerCase();
  return Object.hasOwn(severities, label) ? (severities[label] ?? 'warning') : 'warning';
}

/** The namespace that it is about; empty for the whole cluster. */
export function namespaceOfAlert(alert: Alert): string {
  return alert.labels[ownNamespaceLabel] ?? alert.labels[namespaceLabel] ?? '';
}

/** The cluster that it is about; empty when it does not say. */
export function clusterOfAlert(alert: Alert): string {
  return alert.labels[clusterLabel] ?? '';
}

/** A line for people. */
export function titleOfAlert(alert: Alert): string {
  const { annotations, labels, fingerprint } = alert;
  const candidates = [annotations.summary, labels.alertname, `alert ${fingerprint}`];
  return candidates.map((each) => (each ?? '').trim()).find((each) => each !== '') ?? '';
}

/** What more is known, in a sentence; empty when there is nothing. */
export function descriptionOfAlert(alert: Alert): string {
  return (alert.annotations.description ?? alert.annotations.message ?? '').trim();
}

/**
 * The incident of one spell of an alert: who tells of it twice, and whichever process hears of it, means the same one, so
 * that it cannot be opened twice. A spell is told by its beginning, by the clock of who saw it.
 */
export function incidentIdOfAlert(alert: Alert): string {
  return `alert-${alert.fingerprint}-${Math.max(0, Math.floor(alert.startsAt)).toString(36)}`;
}

/** The alert and the spell that an incident's id stands for; undefined when it is of no alert. */
export function spellOfIncident(incidentId: string): AlertSpell | undefined {
  const [, fingerprint, began] = /^alert-([A-Za-z0-9]+)-([0-9a-z]+)$/.exec(incidentId) ?? [];
  return fingerprint && began ? { fingerprint, startsAt: Number.parseInt(began, 36) } : undefined;
}

export interface AlertSpell {
  readonly fingerprint: string;
  /** To the millisecond. */
  readonly startsAt: number;
}
