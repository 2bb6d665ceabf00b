/** An open condition under which moves are throttled or halted. */
export interface Incident {
  readonly id: string;
  readonly cluster: string;
  /** Empty for the whole cluster. */
  readonly namespace: string;
  readonly severity: IncidentSeverity;
  readonly title: string;
  /** `operator`, `alertmanager`, or `detected`. */
  readonly source: string;
  readonly openedAt: number;
  readonly openedBy: string;
  readonly reason: string;
  /** 0 while open. */
  readonly closedAt: number;
  readonly closedBy: string;
  readonly revision: number;
}

export const incidentSeverities = ['info', 'warning', 'critical'] as const;
export type IncidentSeverity = (typeof incidentSeverities)[number];
