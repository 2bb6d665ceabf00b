import type { ServiceImpl } from '@connectrpc/connect';
import type { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { controllerToMessage, scoresToMessage } from '../wire/controller-codec.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireNamespace, seesNamespace } from './namespace-limit.ts';
import { commandContext } from './request-context.ts';
import { unwrap } from './unwrap.ts';

export function createControllerService(deps: ApiDeps): ServiceImpl<typeof RebalanceControllerService> {
  const { controllers } = deps.rebalancer;
  return {
    async listControllers(_request, context) {
      const views = await controllers.list();
      const visible = views.filter((each) => seesNamespace(context, each.record.namespace));
      return { controllers: visible.map(controllerToMessage) };
    },
    async getController(request, context) {
      await requireNamespace(deps, context, request.namespace);
      return { controller: controllerToMessage(unwrap(await controllers.get(request.namespace))) };
    },
    async evaluateNow(request, context) {
      await requireNamespace(deps, context, request.namespace);
      const view = unwrap(await controllers.evaluate(request.namespace, commandContext(context, request)));
      return { controller: controllerToMessage(view) };
    },
    async getScores(request, context) {
      await requireNamespace(deps, context, request.namespace);
      return scoresToMessage(unwrap(await controllers.scores(request.namespace)));
    },
  };
}
