import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import type { CreatePlanRequest } from '../controller/rebalancer.ts';
import { defaultExplained } from '../domain/explanation.ts';
import type {
  CreatePlanRequest as CreatePlanMessage,
  PlanBudget,
  RebalancePlanService,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { InFlightHandling } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { planStatusCodec } from '../wire/enums.ts';
import { requestedMoveFromMessage } from '../wire/move-codec.ts';
import { moveDriftToMessage, obstacleToMessage, planToMessage } from '../wire/plan-codec.ts';
import { explanationToMessage } from '../wire/plan-explanation-codec.ts';
import { policySpecFromMessage } from '../wire/policy-spec-from-message.ts';
import { compact, optionalWholeFromMessage, wholeFromMessage } from '../wire/scalars.ts';
import { overrideFromMessage } from '../wire/verdict-codec.ts';
import { fleetChangeFromMessage, whatIfToMessage } from '../wire/what-if-codec.ts';
import type { ApiDeps } from './api-deps.ts';
import { directStreamKey } from './direct-stream.ts';
import { listMoves } from './list-moves.ts';
import { createListedPlans } from './listed-plans.ts';
import { grantedNamespaces, requireNamespace } from './namespace-limit.ts';
import { commandContext } from './request-context.ts';
import { unwrap } from './unwrap.ts';
import { createWatchMessages, watchPlans } from './watch-plans.ts';

/** Moves of a what-if when the request does not say: its summary counts all. */
const defaultWhatIfMoves = 100;

/** Plans per page when the request does not say. */
const defaultPageSize = 50;

export function createPlanService(deps: ApiDeps): ServiceImpl<typeof RebalancePlanService> {
  const { plans } = deps.rebalancer;
  const listed = createListedPlans();
  const watchMessage = createWatchMessages();
  return {
    async createPlan(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const view = unwrap(await plans.create(createRequest(request), commandContext(context, request)));
      return { plan: planToMessage(view.plan), obstacles: view.obstacles.map(obstacleToMessage) };
    },
    async getPlan(request, context) {
      const view = unwrap(await plans.get(request.id));
      await requireNamespace(deps, context, view.plan.namespace);
      return { plan: planToMessage(view.plan), obstacles: view.obstacles.map(obstacleToMessage) };
    },
    async listPlans(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const page = unwrap(
        await plans.list(
          compact({
            cluster: request.cluster || undefined,
            namespace: request.namespace || undefined,
            statuses:
              request.statuses.length > 0 ? request.statuses.map(planStatusCodec.fromMessage) : undefined,
            pageSize: request.pageSize || defaultPageSize,
            cursor: request.cursor || undefined,
            oldestFirst: request.oldestFirst || undefined,
          }),
        ),
      );
      const listedPlan = isBinary(context) ? listed.packed : listed.message;
      return { plans: page.items.map(listedPlan), nextCursor: page.nextCursor };
    },
    async listMoves(request, context) {
      const view = unwrap(await plans.get(request.planId));
      await requireNamespace(deps, context, view.plan.namespace);
      return listMoves(view, request);
    },
    ...planCommands(deps),
    async diffPlan(request, context) {
      const diff = unwrap(await plans.diff(request.id));
      await requireNamespace(deps, context, diff.plan.namespace);
      return {
        plan: planToMessage(diff.plan),
        currentSnapshotDigest: diff.currentSnapshotDigest,
        drifted: diff.drifted.map(moveDriftToMessage),
      };
    },
    ...planQuestions(deps),
    async *watchPlans(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const messages = watchPlans(deps, request, watchMessage, context.signal);
      const direct = context.values.get(directStreamKey);
      if (!direct) return yield* messages;
      try {
        const first = await messages.next();
        if (first.done) return;
        yield first.value;
        await direct.send(messages);
      } finally {
        messages.return().catch(() => {});
      }
    },
  };
}

/** Questions that the planner answers: why, and what if. */
function planQuestions(
  deps: ApiDeps,
): Pick<ServiceImpl<typeof RebalancePlanService>, 'explainPlan' | 'whatIf'> {
  const { plans } = deps.rebalancer;
  return {
    async explainPlan(request, context) {
      await requirePlanNamespace(deps, context, request.id);
      const { case: kind = 'shard', value: id = '' } = request.subject;
      const limit = request.limit || defaultExplained;
      return explanationToMessage(unwrap(await plans.explain(request.id, { kind, id }, limit)));
    },
    async whatIf(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const question = compact({
        namespace: request.namespace,
        changes: request.changes.map(fleetChangeFromMessage),
        policy: request.policy ? policySpecFromMessage(request.policy) : undefined,
        seed: wholeFromMessage(request.seed),
        budget: budgetOf(request.budget),
      });
      const answer = unwrap(await plans.whatIf(question, commandContext(context, request)));
      return whatIfToMessage(answer, request.moveLimit || defaultWhatIfMoves);
    },
  };
}

/** Whether the answer is sent in Protobuf's binary form: in that of the request, and over REST never. */
function isBinary({ protocolName, requestHeader }: HandlerContext): boolean {
  const type = requestHeader.get('content-type') ?? '';
  return protocolName !== 'rest' && /^application\/(grpc|grpc-web|proto)(\+proto)?($|;)/.test(type);
}

/** Reads the plan only where the principal is limited: everybody else's commands find out themselves. */
async function requirePlanNamespace(deps: ApiDeps, context: HandlerContext, id: string): Promise<void> {
  if (grantedNamespaces(context) === 'all') return;
  const view = unwrap(await deps.rebalancer.plans.get(id));
  await requireNamespace(deps, context, view.plan.namespace);
}

type PlanCommandMethods =
  | 'approvePlan'
  | 'rejectPlan'
  | 'cancelPlan'
  | 'pausePlan'
  | 'resumePlan'
  | 'rollbackPlan';

function planCommands(deps: ApiDeps): Pick<ServiceImpl<typeof RebalancePlanService>, PlanCommandMethods> {
  const { plans } = deps.rebalancer;
  return {
    async approvePlan(request, context) {
      await requirePlanNamespace(deps, context, request.id);
      const approval = { ...targetOf(request), digest: request.digest };
      return {
        plan: planToMessage(unwrap(await plans.approve(approval, commandContext(context, request)))),
      };
    },
    async rejectPlan(request, context) {
      await requirePlanNamespace(deps, context, request.id);
      const plan = unwrap(await plans.reject(targetOf(request), commandContext(context, request)));
      return { plan: planToMessage(plan) };
    },
    async cancelPlan(request, context) {
      await requirePlanNamespace(deps, context, request.id);
      const inFlight = request.inFlight === InFlightHandling.ABORT ? 'abort' : 'finish';
      const cancellation = { ...targetOf(request), inFlight } as const;
      return {
        plan: planToMessage(unwrap(await plans.cancel(cancellation, commandContext(context, request)))),
      };
    },
    async pausePlan(request, context) {
      await requirePlanNamespace(deps, context, request.id);
      const plan = unwrap(await plans.pause(targetOf(request), commandContext(context, request)));
      return { plan: planToMessage(plan) };
    },
    async resumePlan(request, context) {
      await requirePlanNamespace(deps, context, request.id);
      const plan = unwrap(await plans.resume(targetOf(request), commandContext(context, request)));
      return { plan: planToMessage(plan) };
    },
    async rollbackPlan(request, context) {
      await requirePlanNamespace(deps, context, request.id);
      const rollback = compact({
        ...targetOf(request),
        dryRun: request.dryRun,
        overrides: request.overrides.map(overrideFromMessage),
        idempotencyKey: request.idempotencyKey || undefined,
      });
      const view = unwrap(await plans.rollback(rollback, commandContext(context, request)));
      return { plan: planToMessage(view.plan), obstacles: view.obstacles.map(obstacleToMessage) };
    },
  };
}

function createRequest(request: CreatePlanMessage): CreatePlanRequest {
  return compact({
    namespace: request.namespace,
    dryRun: request.dryRun,
    seed: wholeFromMessage(request.seed),
    budget: budgetOf(request.budget),
    moves: request.moves.length > 0 ? request.moves.map(requestedMoveFromMessage) : undefined,
    overrides: request.overrides.map(overrideFromMessage),
    idempotencyKey: request.idempotencyKey || undefined,
  });
}

function budgetOf(budget: PlanBudget | undefined): CreatePlanRequest['budget'] {
  if (!budget) return undefined;
  const { maxBytes, maxShareOfShards } = budget;
  return compact({ maxMoves: optionalWholeFromMessage(budget.maxMoves), maxBytes, maxShareOfShards });
}

function targetOf(request: { readonly id: string; readonly revision?: bigint }): {
  readonly id: string;
  readonly revision?: number;
} {
  return compact({ id: request.id, revision: optionalWholeFromMessage(request.revision) });
}
