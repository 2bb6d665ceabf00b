import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { adminStateCodec } from '../wire/enums.ts';
import { nodeViewToMessage } from '../wire/node-codec.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireNamespace } from './namespace-limit.ts';
import { commandContext } from './request-context.ts';
import { unwrap } from './unwrap.ts';

export function createNodeService(deps: ApiDeps): ServiceImpl<typeof NodeService> {
  const { nodes } = deps.rebalancer;
  return {
    async listNodes(request, context) {
      await requireNamespace(deps, context, request.namespace);
      return { nodes: unwrap(await nodes.list(request.namespace)).map(nodeViewToMessage) };
    },
    async setAdminState(request, context) {
      // A node carries every namespace of the cluster, so that only who may touch all of them may touch it.
      await requireNamespace(deps, context, '');
      const change = { node: request.node, adminState: adminStateCodec.fromMessage(request.adminState) };
      const view = unwrap(await nodes.setAdminState(change, commandContext(context, request)));
      return { node: nodeViewToMessage(view) };
    },
  };
}
