import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import type { CreatePlanRequest } from '../controller/rebalancer.ts';
import type {
  CreatePlanRequest as CreatePlanMessage,
  RebalancePlanService,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { InFlightHandling } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { planStatusCodec } from '../wire/enums.ts';
import { requestedMoveFromMessage } from '../wire/move-codec.ts';
import { moveDriftToMessage, obstacleToMessage, planToMessage } from '../wire/plan-codec.ts';
import { compact, optionalWholeFromMessage, wholeFromMessage } from '../wire/scalars.ts';
import { overrideFromMessage } from '../wire/verdict-codec.ts';
import type { ApiDeps } from './api-deps.ts';
import { directStreamKey } from './direct-stream.ts';
import { listMoves } from './list-moves.ts';
import { createListedPlans } from './listed-plans.ts';
import { grantedNamespaces, requireNamespace } from './namespace-limit.ts';
import { commandContext } from './request-context.ts';
import { unwrap } from './unwrap.ts';
import { createWatchMessages, watchPlans } from './watch-plans.ts';

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
    budget: request.budget
      ? compact({
          maxMoves: optionalWholeFromMessage(request.budget.maxMoves),
          maxBytes: request.budget.maxBytes,
          maxShareOfShards: request.budget.maxShareOfShards,
        })
      : undefined,
    moves: request.moves.length > 0 ? request.moves.map(requestedMoveFromMessage) : undefined,
    overrides: request.overrides.map(overrideFromMessage),
    idempotencyKey: request.idempotencyKey || undefined,
  });
}

function targetOf(request: { readonly id: string; readonly revision?: bigint }): {
  readonly id: string;
  readonly revision?: number;
} {
  return compact({ id: request.id, revision: optionalWholeFromMessage(request.revision) });
}
