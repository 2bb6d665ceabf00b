import type { CommandContext } from '../domain/principal.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { CommitBatch } from '../ports/store.ts';
import type { CoreDeps } from './core-deps.ts';
import { type MadePlan, makePlan, type PlanOrder } from './make-plan.ts';
import type { WorldView } from './namespace-world.ts';
import { kindFor } from './plan-kind.ts';
import { refusalOf } from './plan-refusal.ts';
import type { PlanningAttempt } from './transition.ts';

/** What the controller's own plans are searched with; any fixed number serves, so that equal fleets give equal plans. */
const controllerSeed = 0;

/** An attempt and what must be committed together with its outcome. */
export interface AttemptWithBatch {
  readonly attempt: PlanningAttempt;
  readonly batch: CommitBatch;
}

/**
 * The controller's own plan for what it sees. Under mode observe the plan is a dry run, and the controller waits as
 * after a look that found nothing.
 */
export async function attemptPlan(
  core: CoreDeps,
  view: WorldView,
  trigger: string,
): Promise<AttemptWithBatch> {
  const dryRun = view.policy.mode === 'observe';
  const made = await makePlan(core, view, orderOf(view, trigger, dryRun));
  if (!made.ok) return fruitless(made.error[0]);
  const { plan, batch } = made.value;
  const [refusal] = refusalOf(made.value);
  if (refusal && (!dryRun || refusal.code === 'NOTHING_TO_DO')) return fruitless(refusal);
  if (plan.kind !== kindFor(view)) return fruitless(nothingVacated(view, made.value));
  const found = `${plan.kind} plan ${plan.id} with ${plan.summary.moves} moves`;
  if (dryRun) {
    const diagnosis = { code: 'dryRun', message: `policy observes; a dry run shows ${found}` };
    return { attempt: { kind: 'nothing', diagnosis }, batch };
  }
  const diagnosis = { code: 'planned', message: `${found} waits for approval` };
  return { attempt: { kind: 'planned', planId: plan.id, diagnosis }, batch };
}

/** A dry run by the clock: stored also when there is nothing to do or something blocks, for people to read. */
export async function scheduledDryRun(core: CoreDeps, view: WorldView): Promise<CommitBatch> {
  const made = await makePlan(core, view, orderOf(view, 'schedule', true));
  if (made.ok) return made.value.batch;
  const { code, message } = made.error[0];
  core.log.warn('the scheduled dry run gave no plan', { namespace: view.snapshot.namespace, code, message });
  return {};
}

function orderOf(view: WorldView, trigger: string, dryRun: boolean): PlanOrder {
  const author: CommandContext = {
    principal: controllerPrincipal,
    reason: trigger === 'schedule' ? 'scheduled dry run' : `the controller saw ${trigger}`,
    changeTicket: '',
    transport: 'internal',
  };
  return {
    kind: kindFor(view),
    task: { kind: 'improve' },
    trigger,
    seed: controllerSeed,
    overrides: [],
    dryRun,
    author,
    rollbackOf: '',
  };
}

/** While nodes must be vacated, a plan that only balances would stand in the way of the one that vacates. */
function nothingVacated({ vacate }: WorldView, { content }: MadePlan) {
  const why = content.obstacles[0]?.message ?? 'every move that would is too dear or not allowed';
  const nodes = vacate.nodes.slice(0, namedNodes).join(', ');
  return { code: 'PLACEMENT_INFEASIBLE', message: `nothing can leave ${nodes} now: ${why}` };
}

/** Nodes named in a diagnosis. */
const namedNodes = 5;

function fruitless({ code, message }: { code: string; message: string }): AttemptWithBatch {
  return { attempt: { kind: 'nothing', diagnosis: { code, message } }, batch: {} };
}
