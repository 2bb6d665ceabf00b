import { ProblemError } from '../../domain/problem.ts';
import type { ShardPage } from '../../ports/shard-registry.ts';
import type { FleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetProblem, isUnimplemented } from '../../wire/fleet-channel/fleet-problem.ts';

/** Shards asked for in one page: the most that both contracts allow. */
export const pageSize = 1_000;
/** Pages of one listing: more than the shards that telemetry holds, so that cursors that run in circles end. */
export const maxPages = 20_000;
/** Deadline of one call. */
export const callTimeoutMs = 10_000;

/** Reads page after page until there is no next cursor; all with the position of the first. */
export async function* readPages(
  context: { readonly channel: FleetChannel; readonly what: string; readonly signal: AbortSignal },
  read: (cursor: string) => Promise<{ readonly page: ShardPage; readonly nextCursor: string }>,
): AsyncGenerator<ShardPage> {
  const { channel, what, signal } = context;
  let cursor = '';
  let position: number | undefined;
  for (let count = 0; count < maxPages && !signal.aborted; count++) {
    let answer: Awaited<ReturnType<typeof read>>;
    try {
      answer = await read(cursor);
    } catch (error) {
      if (signal.aborted) return;
      if (isUnimplemented(error)) throw error;
      throw new ProblemError(fleetProblem(error, channel.address, what, 'NAMESPACE_NOT_FOUND'));
    }
    // Changes that happened while the pages were read are told again by the watch.
    position ??= answer.page.position;
    yield { shards: answer.page.shards, position };
    cursor = answer.nextCursor;
    if (cursor === '') return;
  }
  if (signal.aborted) return;
  throw new ProblemError({
    code: 'FLEET_UNREACHABLE',
    message: `${what}: the fleet at ${channel.address} has no last page`,
    limit: maxPages,
  });
}
