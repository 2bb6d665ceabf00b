import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import { type Problem, ProblemError } from '../domain/problem.ts';
import type {
  Acknowledgement,
  LoadBatch,
  TelemetryService,
} from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import {
  addCounts,
  type BatchOrigin,
  noCounts,
  type PushedBatch,
  type PushProgress,
  type PushRefusal,
} from '../ports/telemetry-intake.ts';
import { lastAcceptedHeader } from '../wire/header-names.ts';
import {
  acknowledgementToMessage,
  loadsFromMessage,
  peersFromMessage,
  queuesFromMessage,
  shardsFromMessage,
} from '../wire/telemetry-codec.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireNamespace } from './namespace-limit.ts';
import { principalOf } from './request-context.ts';

export function createTelemetryService(deps: ApiDeps): ServiceImpl<typeof TelemetryService> {
  const shards = createKind(deps, shardsFromMessage);
  const loads = createKind(deps, (batch: LoadBatch, principal) => {
    const pushed = loadsFromMessage(batch, principal);
    if (!pushed.ok) throw new ProblemError(pushed.error);
    return pushed.value;
  });
  const peers = createKind(deps, peersFromMessage);
  const queues = createKind(deps, queuesFromMessage);
  return {
    pushShards: shards.stream,
    pushLoads: loads.stream,
    pushPeers: peers.stream,
    pushBackpressure: queues.stream,
    ingestShards: shards.single,
    ingestLoads: loads.single,
    ingestPeers: peers.single,
    ingestBackpressure: queues.single,
  };
}

interface Request<B> {
  readonly batch?: B | undefined;
}

interface Answer {
  readonly acknowledgement: Omit<Acknowledgement, '$typeName' | '$unknown'>;
}

interface Kind<B> {
  stream(requests: AsyncIterable<Request<B>>, context: HandlerContext): Promise<Answer>;
  single(request: Request<B>, context: HandlerContext): Promise<Answer>;
}

/** The two calls by which a kind is pushed: a stream of batches, and one batch. */
function createKind<B>(deps: ApiDeps, decode: (batch: B, principal: string) => PushedBatch): Kind<B> {
  async function stream(requests: AsyncIterable<Request<B>>, context: HandlerContext): Promise<Answer> {
    let first: PushedBatch | undefined;
    let counts = noCounts;
    let progress: PushProgress = {
      lastAcceptedSequence: 0,
      missingBatches: 0,
      waitMs: 0,
      wantsListing: false,
    };
    for await (const { batch } of requests) {
      // The contract's rules have seen to it that there is one.
      if (!batch) continue;
      const pushed = decode(batch, principalOf(context).id);
      await requireNamespace(deps, context, namespaceOf(pushed));
      first ??= pushed;
      refuseMixture(first, pushed);
      const taken = await deps.telemetry.push(pushed, context.signal);
      if (!taken.ok) refuse(context, taken.error);
      counts = addCounts(counts, taken.value.counts);
      progress = taken.value;
    }
    return { acknowledgement: acknowledgementToMessage(first?.origin, counts, progress) };
  }

  return {
    stream,
    single: (request, context) => stream(just(request), context),
  };
}

async function* just<T>(item: T): AsyncGenerator<T> {
  yield item;
}

/** An acknowledgement speaks of one source in one incarnation and namespace. */
function refuseMixture(first: PushedBatch, next: PushedBatch): void {
  const differing = (['source', 'incarnation'] as const).find(
    (field) => first.origin[field] !== next.origin[field],
  );
  if (differing)
    throw new ProblemError(mixed(`batch.origin.${differing}`, first.origin, next.origin[differing]));
  const namespace = namespaceOf(next);
  if (namespace !== namespaceOf(first))
    throw new ProblemError(mixed('batch.namespace', first.origin, namespace));
}

/** Empty for what belongs to the whole cluster. */
function namespaceOf({ samples }: PushedBatch): string {
  return 'namespace' in samples ? samples.namespace : '';
}

function mixed(field: string, { source }: BatchOrigin, value: string | number): Problem {
  return {
    code: 'FIELD_INVALID',
    message: `${field} changes to ${value} within a stream of ${source}`,
    field,
    value,
    limit: 'the same in all batches of a stream',
    remedy: 'Open a stream for each source, incarnation and namespace.',
  };
}

/** Throws the problem, with headers that say how to go on: `retry-after` in seconds, and how far the source has come. */
function refuse({ responseHeader }: HandlerContext, refusal: PushRefusal): never {
  const { problem, lastAcceptedSequence, waitMs } = refusal;
  responseHeader.set(lastAcceptedHeader, String(lastAcceptedSequence));
  if (waitMs > 0) responseHeader.set('retry-after', String(Math.ceil(waitMs / 1_000)));
  throw new ProblemError(problem);
}
