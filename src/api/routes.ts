import type { ConnectRouter } from '@connectrpc/connect';
import type { ApiDeps } from './api-deps.ts';
import { createProtocolOptions } from './protocol-options.ts';
import { createServices } from './services.ts';

/** Every service on a Connect router: for its in-memory transport, and for programs that have a router of their own. */
export function createRoutes(deps: ApiDeps): (router: ConnectRouter) => void {
  const options = createProtocolOptions(deps);
  return (router) => {
    for (const { methods } of createServices(deps)) {
      for (const { method, impl } of Object.values(methods)) router.rpc(method, impl, options);
    }
  };
}
