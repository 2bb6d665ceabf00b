import type { ServiceImpl } from '@connectrpc/connect';
import type { TransportService } from '../gen/meshkit/rebalancer/v1/transport_service_pb.ts';
import { timeToMessage, wholeToMessage } from '../wire/scalars.ts';
import type { ApiDeps } from './api-deps.ts';

export function createTransportService({
  stats,
  transports,
}: Pick<ApiDeps, 'stats' | 'transports'>): ServiceImpl<typeof TransportService> {
  const counted = <T extends { readonly count: number }>(each: T) => ({
    ...each,
    count: wholeToMessage(each.count),
  });
  return {
    getTransportStats: () => ({
      since: timeToMessage(stats.since),
      transports: [...transports()],
      requests: stats.requests().map(counted),
      downgrades: stats.downgrades().map(counted),
      denials: stats.denials().map(counted),
    }),
  };
}
