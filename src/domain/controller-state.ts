/** The controller of a namespace, in one table; `controller/transition.ts` decides by it. */
export const controllerStates = [
  'steady',
  'investigating',
  'draining',
  'planPending',
  'executing',
  'completed',
  'failed',
] as const;
export type ControllerState = (typeof controllerStates)[number];

export interface ControllerTransition {
  readonly from: ControllerState;
  readonly to: ControllerState;
  readonly when: string;
}

export const controllerTransitions: readonly ControllerTransition[] = [
  { from: 'steady', to: 'investigating', when: 'a trigger fired, or somebody asked for a plan' },
  {
    from: 'investigating',
    to: 'steady',
    when: 'the signal cleared, or no admissible plan is worth its cost',
  },
  { from: 'investigating', to: 'draining', when: 'confirmed, and a node must be vacated' },
  { from: 'investigating', to: 'planPending', when: 'a plan exists' },
  { from: 'draining', to: 'planPending', when: 'a plan exists' },
  { from: 'draining', to: 'failed', when: 'the drain deadline passed' },
  { from: 'draining', to: 'steady', when: 'nothing is left to vacate, or the nodes were taken back' },
  { from: 'planPending', to: 'executing', when: 'approved, by people or by policy' },
  { from: 'planPending', to: 'investigating', when: 'superseded by drift, or expired' },
  { from: 'planPending', to: 'steady', when: 'rejected or cancelled' },
  { from: 'executing', to: 'completed', when: 'the plan completed' },
  { from: 'executing', to: 'failed', when: 'the plan failed or was cancelled' },
  { from: 'executing', to: 'investigating', when: 'the plan was superseded by drift' },
  { from: 'completed', to: 'steady', when: 'the cooldown is over' },
  { from: 'failed', to: 'steady', when: 'the failure back-off is over' },
];

export function mayControllerGo(from: ControllerState, to: ControllerState): boolean {
  return controllerTransitions.some((each) => each.from === from && each.to === to);
}

/** What a controller persists; everything else it derives from telemetry and plans. */
export interface ControllerRecord {
  readonly cluster: string;
  readonly namespace: string;
  readonly state: ControllerState;
  /** When the state was entered. */
  readonly since: number;
  /** Names of the triggers that hold, and since when the first of them has held without a break; 0 for none. */
  readonly triggers: readonly string[];
  readonly triggeredSince: number;
  /** Plan that is pending or executing; empty otherwise. */
  readonly planId: string;
  /** Not before this time does it investigate again (cooldown, back-off). */
  readonly notBefore: number;
  /** Investigations in a row that found nothing worth doing. */
  readonly fruitless: number;
  /** Why it is where it is, for people: code and sentence. */
  readonly diagnosis: { readonly code: string; readonly message: string };
  readonly lastEvaluatedAt: number;
  readonly lastScheduledAt: number;
  readonly revision: number;
}
