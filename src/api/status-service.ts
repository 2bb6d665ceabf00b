import type { ServiceImpl } from '@connectrpc/connect';
import type { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { timeToMessage, wholeToMessage } from '../wire/scalars.ts';
import type { ApiDeps } from './api-deps.ts';
import { seesNamespace } from './namespace-limit.ts';

export function createStatusService(deps: ApiDeps): ServiceImpl<typeof StatusService> {
  const startedAt = deps.clock.now();
  return {
    async getStatus(_request, context) {
      const controllers = await deps.rebalancer.controllers.list();
      return {
        version: deps.version,
        cluster: deps.cluster,
        namespaces: controllers
          .map((each) => each.record.namespace)
          .filter((namespace) => seesNamespace(context, namespace))
          .sort(),
        ready: controllers.length > 0 && controllers.every((each) => each.snapshotDigest !== ''),
        startedAt: timeToMessage(startedAt),
        eventHead: wholeToMessage(await deps.rebalancer.events.head()),
      };
    },
  };
}
