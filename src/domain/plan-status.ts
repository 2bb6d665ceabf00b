/** The life of a plan, in one table: every legal transition and who may cause it. */
export const planStatuses = [
  'draft',
  'pendingApproval',
  'approved',
  'executing',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'rejected',
  'expired',
  'superseded',
  'rollingBack',
  'rolledBack',
] as const;
export type PlanStatus = (typeof planStatuses)[number];

/** operator: a person or program with `mesh.operate`. controller: the service on its own. */
export type PlanActor = 'operator' | 'controller';

export interface PlanTransition {
  readonly from: PlanStatus;
  readonly to: PlanStatus;
  readonly by: readonly PlanActor[];
  readonly when: string;
}

export const planTransitions: readonly PlanTransition[] = [
  { from: 'draft', to: 'expired', by: ['controller'], when: 'the dry run is past its retention' },
  {
    from: 'pendingApproval',
    to: 'approved',
    by: ['operator', 'controller'],
    when: 'approvals are complete, or policy asks for none',
  },
  { from: 'pendingApproval', to: 'rejected', by: ['operator'], when: 'somebody who may approve said no' },
  { from: 'pendingApproval', to: 'cancelled', by: ['operator'], when: 'withdrawn' },
  { from: 'pendingApproval', to: 'expired', by: ['controller'], when: 'approvals did not come in time' },
  { from: 'pendingApproval', to: 'superseded', by: ['controller'], when: 'the world or the policy changed' },
  { from: 'approved', to: 'executing', by: ['controller'], when: 'guardrails let the first move start' },
  { from: 'approved', to: 'cancelled', by: ['operator'], when: 'stopped before the first move' },
  { from: 'approved', to: 'expired', by: ['controller'], when: 'it could not start in time' },
  {
    from: 'approved',
    to: 'superseded',
    by: ['controller'],
    when: 'the world or the policy changed before the first move',
  },
  { from: 'approved', to: 'failed', by: ['controller'], when: 'it could not be started' },
  {
    from: 'executing',
    to: 'paused',
    by: ['operator', 'controller'],
    when: 'asked, or a regression or an incident',
  },
  { from: 'executing', to: 'completed', by: ['controller'], when: 'every move is done' },
  { from: 'executing', to: 'failed', by: ['controller'], when: 'moves failed beyond what policy tolerates' },
  {
    from: 'executing',
    to: 'cancelled',
    by: ['operator'],
    when: 'asked; moves in flight finished or were aborted',
  },
  {
    from: 'executing',
    to: 'superseded',
    by: ['controller'],
    when: 'drift, where policy says to look anew, or a node died',
  },
  { from: 'paused', to: 'executing', by: ['operator', 'controller'], when: 'resumed' },
  { from: 'paused', to: 'cancelled', by: ['operator'], when: 'asked' },
  { from: 'paused', to: 'failed', by: ['controller'], when: 'its deadline passed, or its world is gone' },
  { from: 'completed', to: 'rollingBack', by: ['operator'], when: 'a rollback plan of it started' },
  { from: 'failed', to: 'rollingBack', by: ['operator'], when: 'a rollback plan of what completed started' },
  {
    from: 'cancelled',
    to: 'rollingBack',
    by: ['operator'],
    when: 'a rollback plan of what completed started',
  },
  {
    from: 'superseded',
    to: 'rollingBack',
    by: ['operator'],
    when: 'a rollback plan of what completed started',
  },
  { from: 'rollingBack', to: 'rolledBack', by: ['controller'], when: 'the rollback plan completed' },
  { from: 'rollingBack', to: 'failed', by: ['controller'], when: 'the rollback plan ended otherwise' },
];

/** Statuses that no controller works on any more; `completed`, `failed`, ... may still be rolled back by a person. */
const endedStatuses: ReadonlySet<PlanStatus> = new Set([
  'draft',
  'completed',
  'failed',
  'cancelled',
  'rejected',
  'expired',
  'superseded',
  'rolledBack',
]);

export function mayTransition(from: PlanStatus, to: PlanStatus, by: PlanActor): boolean {
  return planTransitions.some((each) => each.from === from && each.to === to && each.by.includes(by));
}

export function hasEnded(status: PlanStatus): boolean {
  return endedStatuses.has(status);
}

/** Whether moves of the plan may be in flight. */
export function mayHaveMovesInFlight(status: PlanStatus): boolean {
  return status === 'executing' || status === 'paused';
}
