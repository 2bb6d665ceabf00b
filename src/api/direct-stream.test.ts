import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createClient, type Transport } from '@connectrpc/connect';
import { ok } from '../base/result.ts';
import { namespace } from '../controller/rebalancer.testing.ts';
import { grantEach } from '../domain/principal.ts';
import { ProblemError } from '../domain/problem.ts';
import { EventType } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import { IncidentSeverity } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { type ApiBench, createApiBench } from './api.testing.ts';
import { createApiHandler } from './api-handler.ts';
import { problemsOfStatus } from './rest/problem-document.ts';
import { memoryWire, rpcProtocols, rpcTransport, type Wire } from './wires.testing.ts';

let bench: ApiBench;
let stopping: AbortController;
let wire: Wire;
beforeEach(async () => {
  bench = await createApiBench();
  stopping = new AbortController();
  const authenticate = async () =>
    ok({ id: 'ann', groups: [], grants: grantEach(['mesh.observe', 'mesh.operate']) });
  wire = memoryWire(createApiHandler(bench.deps({ authenticator: { authenticate } }), stopping.signal));
});
afterEach(() => bench.stop());

function stop(): void {
  stopping.abort(new ProblemError({ code: 'SERVICE_STOPPING', message: 'the service is shutting down' }));
}

function openIncident(title: string): Promise<unknown> {
  const client = createClient(IncidentService, rpcTransport(wire, 'grpc'));
  return client.openIncident({ namespace, severity: IncidentSeverity.INFO, title });
}

function watch(transport: Transport) {
  const leaving = new AbortController();
  const stream = createClient(RebalancePlanService, transport).watchPlans({}, { signal: leaving.signal });
  return { leaving, messages: stream[Symbol.asyncIterator]() };
}

describe.each(rpcProtocols)('a watch over %s', (protocol) => {
  test('tells all who watch of the same events, in order', async () => {
    const watches = [watch(rpcTransport(wire, protocol)), watch(rpcTransport(wire, protocol))];
    for (const { messages } of watches) expect((await messages.next()).value?.event).toBeUndefined();
    const titles = ['slow disks', 'hot shard', 'late night'];
    for (const title of titles) await openIncident(title);
    for (const { messages } of watches) {
      const seen: unknown[] = [];
      while (seen.length < titles.length) {
        const { value } = await messages.next();
        expect(value?.resumeToken).toBe(value?.event?.sequence);
        if (value?.event?.type === EventType.INCIDENT_OPENED) seen.push(value.event.data?.title);
      }
      expect(seen).toEqual(titles);
    }
    for (const { leaving } of watches) leaving.abort();
  });

  test('ends with the reason when the service stops', async () => {
    const { messages } = watch(rpcTransport(wire, protocol));
    await messages.next();
    await openIncident('slow disks');
    await messages.next();
    const next = messages.next();
    stop();
    const thrown = await next.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(problemsOfStatus(thrown).map(({ code }) => code)).toEqual(['SERVICE_STOPPING']);
  });
});

test('server-sent events of all who watch are the same, and those with fewer fields are not', async () => {
  const leaving = new AbortController();
  const read = async (query: string): Promise<string> => {
    const answer = await wire.client({
      url: `${wire.baseUrl}/meshkit/rebalance-plans:watch${query}`,
      method: 'GET',
      header: new Headers(),
      signal: leaving.signal,
    });
    let text = '';
    for await (const chunk of answer.body) {
      text += new TextDecoder().decode(chunk);
      if (text.includes('data: ')) break;
    }
    return text;
  };
  const watching = Promise.all([read(''), read(''), read('?fields=event.type,resumeToken')]);
  // They begin at the head: what happens from now on is theirs.
  await new Promise((resolve) => setImmediate(resolve));
  await openIncident('slow disks');
  const [first, second, reduced] = await watching;
  expect(second).toBe(first);
  expect(first).toContain('slow disks');
  expect(reduced).toContain('event: incidentOpened');
  expect(reduced).not.toContain('slow disks');
  leaving.abort();
});
