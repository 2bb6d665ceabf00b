import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createClient } from '@connectrpc/connect';
import { namespace } from '../controller/rebalancer.testing.ts';
import { EventType } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import { IncidentSeverity } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import type { WatchPlansResponse } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import {
  RebalancePlanService,
  type WatchPlansRequest,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { type ApiBench, createApiBench, refusal } from './api.testing.ts';

let bench: ApiBench;
const leaving: AbortController[] = [];
beforeEach(async () => {
  bench = await createApiBench();
});
afterEach(async () => {
  for (const each of leaving.splice(0)) each.abort();
  await bench.stop();
});

function watch(request: Partial<Pick<WatchPlansRequest, 'resumeToken' | 'namespace' | 'planId'>> = {}) {
  const controller = new AbortController();
  leaving.push(controller);
  const client = createClient(RebalancePlanService, bench.transport());
  const stream = client.watchPlans(request, { signal: controller.signal })[Symbol.asyncIterator]();
  return {
    leave: () => controller.abort(),
    next: async (): Promise<WatchPlansResponse> => {
      const result = await stream.next();
      if (result.done) throw new Error('the watch ended');
      return result.value;
    },
  };
}

async function openIncident(title: string): Promise<void> {
  const client = createClient(IncidentService, bench.transport());
  await client.openIncident({ namespace, severity: IncidentSeverity.INFO, title });
}

describe('a watch', () => {
  test('says first where it begins, then what happens', async () => {
    const head = BigInt(await bench.core().events.head());
    const stream = watch();
    const begin = await stream.next();
    expect(begin.event).toBeUndefined();
    expect(begin.resumeToken).toBe(head);
    const next = stream.next();
    await openIncident('slow disks');
    const message = await next;
    expect(message.event?.type).toBe(EventType.INCIDENT_OPENED);
    expect(message.resumeToken).toBe(message.event?.sequence ?? 0n);
    expect(message.resumeToken).toBeGreaterThan(head);
  });

  test('that resumes gets every event after its token, each once', async () => {
    const head = BigInt(await bench.core().events.head());
    for (const title of ['one', 'two', 'three']) await openIncident(title);
    const first = watch({ resumeToken: head });
    await first.next();
    const one = await first.next();
    first.leave();
    const second = watch({ resumeToken: one.resumeToken });
    expect((await second.next()).resumeToken).toBe(one.resumeToken);
    const rest = [await second.next(), await second.next()];
    expect(rest.map((each) => each.resumeToken)).toEqual([one.resumeToken + 1n, one.resumeToken + 2n]);
  });

  test('sees only its namespace', async () => {
    const other = watch({ namespace: 'elsewhere' });
    const mine = watch({ namespace });
    await other.next();
    await mine.next();
    await openIncident('slow disks');
    expect((await mine.next()).event?.namespace).toBe(namespace);
    const quiet = other.next();
    await bench.clock.advance(10_000);
    expect((await quiet).event).toBeUndefined();
  });

  test('that is quiet says every ten seconds that it lives', async () => {
    const stream = watch({ planId: 'none' });
    const begin = await stream.next();
    const beat = stream.next();
    await bench.clock.advance(9_999);
    await bench.clock.advance(1);
    const heartbeat = await beat;
    expect(heartbeat.event).toBeUndefined();
    expect(heartbeat.resumeToken).toBe(begin.resumeToken);
  });

  test('from a position that does not exist is refused with what to do', async () => {
    const stream = watch({ resumeToken: 1_000_000n });
    const refused = await refusal(stream.next().then(() => stream.next()));
    expect(refused).toMatchObject({ status: 'OutOfRange', codes: ['RESUME_TOKEN_INVALID'] });
  });

  test('leaves nothing behind when its caller goes away', async () => {
    const before = bench.clock.pendingTimers();
    const stream = watch();
    await stream.next();
    const ended = stream.next().catch(() => 'ended');
    stream.leave();
    expect(await ended).toBe('ended');
    await bench.clock.advance(0);
    expect(bench.clock.pendingTimers()).toBe(before);
  });
});
