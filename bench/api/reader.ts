import { createClient } from '@connectrpc/connect';
import type { HttpConnection } from '../../src/client/transports/http-connection.ts';
import { RebalancePlanService } from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { StatusService } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import type { Place } from './stage.ts';
import {
  callerHeaders,
  connect,
  getJson,
  type RestWire,
  type RpcWire,
  restWires,
  rpcTransport,
  versionOf,
} from './wires.ts';

/** The calls that are measured, over one connection and one protocol. */
export interface Reader extends AsyncDisposable {
  listPlans(pageSize: number, cursor: string): Promise<PlanPage>;
  getStatus(): Promise<void>;
}

export interface PlanPage {
  readonly plans: readonly unknown[];
  readonly nextCursor: string;
}

/** @param purpose part of the principal's name: each has a rate of its own */
export async function openReader(
  place: Place,
  wire: RpcWire | RestWire,
  purpose: string,
  gzip = false,
): Promise<Reader> {
  const connection = await connect(place, versionOf(wire));
  const headers = callerHeaders(place, `bench-${purpose}-${wire.replace('/', '-')}`);
  return isRest(wire)
    ? restReader(place.url, connection, headers)
    : rpcReader(place, connection, headers, wire, gzip);
}

function isRest(wire: RpcWire | RestWire): wire is RestWire {
  return restWires.some((each) => each === wire);
}

function rpcReader(
  place: Place,
  connection: HttpConnection,
  headers: Readonly<Record<string, string>>,
  wire: RpcWire,
  gzip: boolean,
): Reader {
  const transport = rpcTransport(wire, place, connection.send, headers, gzip);
  const plans = createClient(RebalancePlanService, transport);
  const status = createClient(StatusService, transport);
  return {
    listPlans: (pageSize, cursor) => plans.listPlans({ pageSize, cursor }),
    async getStatus() {
      await status.getStatus({});
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

function restReader(
  url: string,
  connection: HttpConnection,
  headers: Readonly<Record<string, string>>,
): Reader {
  return {
    async listPlans(pageSize, cursor) {
      const query = new URLSearchParams({ pageSize: String(pageSize), ...(cursor ? { cursor } : {}) });
      return (await getJson(connection.send, `${url}/meshkit/rebalance-plans?${query}`, headers)) as PlanPage;
    },
    async getStatus() {
      await getJson(connection.send, `${url}/meshkit/status`, headers);
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
