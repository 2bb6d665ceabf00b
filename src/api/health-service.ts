import type { MessageInitShape } from '@bufbuild/protobuf';
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect';
import {
  type Health,
  type HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from '../gen/grpc/health/v1/health_pb.ts';
import type { ApiDeps } from './api-deps.ts';

/** So often a watch of the health looks whether it changed. */
const lookMs = 1_000;

/**
 * Health as gRPC's tools and probes ask for it. The process serves when every namespace has a snapshot; each service
 * serves as the process does.
 *
 * @param serviceNames full names of all services
 */
export function createHealthService(
  { rebalancer, clock }: Pick<ApiDeps, 'rebalancer' | 'clock'>,
  serviceNames: ReadonlySet<string>,
): ServiceImpl<typeof Health> {
  const isKnown = (service: string): boolean => service === '' || serviceNames.has(service);
  const look = async (service: string, signal: AbortSignal): Promise<Status> => {
    if (!isKnown(service)) return Status.SERVICE_UNKNOWN;
    if (signal.aborted) return Status.NOT_SERVING;
    const controllers = await rebalancer.controllers.list();
    const sees = controllers.length > 0 && controllers.every((each) => each.snapshotDigest !== '');
    return sees ? Status.SERVING : Status.NOT_SERVING;
  };
  return {
    async check({ service }, { signal }) {
      if (!isKnown(service))
        throw new ConnectError(`there is no service ${service.slice(0, 200)}`, Code.NotFound);
      return { status: await look(service, signal) };
    },
    async *watch(
      { service },
      { signal },
    ): AsyncGenerator<MessageInitShape<typeof HealthCheckResponseSchema>> {
      let told: Status | undefined;
      for (;;) {
        const status = await look(service, signal);
        if (status !== told) yield { status };
        told = status;
        if (signal.aborted) throw signal.reason;
        await clock.sleep(lookMs, signal);
      }
    },
  };
}
