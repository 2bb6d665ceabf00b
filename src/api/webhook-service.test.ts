import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createClient } from '@connectrpc/connect';
import { createFakeReceiver, sampleWebhook, unavailable } from '../audit/webhook.testing.ts';
import { namespace } from '../controller/rebalancer.testing.ts';
import { EventType } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import { IncidentSeverity } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { WebhookState } from '../gen/meshkit/rebalancer/v1/webhook_pb.ts';
import { WebhookService } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import { type ApiBench, createApiBench, everybodyIs, refusal } from './api.testing.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await createApiBench({
    webhooks: (clock) => {
      const sender = createFakeReceiver(clock.now);
      sender.answer = () => unavailable;
      return { list: [sampleWebhook({ events: ['incidentOpened'], maxAttempts: 2 })], sender };
    },
  });
});
afterEach(() => bench.stop());

function client(...authenticator: Parameters<typeof everybodyIs>) {
  return createClient(WebhookService, bench.transport({ authenticator: everybodyIs(...authenticator) }));
}

async function openIncident(): Promise<void> {
  const operator = bench.transport({ authenticator: everybodyIs(['mesh.operate']) });
  const opening = { namespace, severity: IncidentSeverity.INFO, title: 'slow' };
  await createClient(IncidentService, operator).openIncident(opening);
  await bench.clock.advance(60_000);
}

describe('webhooks over the API', () => {
  test('show how they fare, and what their receivers would not take', async () => {
    await openIncident();
    const reader = client(['mesh.read']);
    const { webhooks } = await reader.listWebhooks({});
    expect(webhooks).toMatchObject([
      {
        name: 'pager',
        url: 'https://pager.example/events',
        events: [EventType.INCIDENT_OPENED],
        state: WebhookState.DELIVERING,
        deadLetters: 1n,
        last: { accepted: false, status: 503 },
      },
    ]);
    const { deadLetters, total } = await reader.listDeadLetters({ webhook: 'pager' });
    expect(total).toBe(1n);
    expect(deadLetters).toMatchObject([
      { webhook: 'pager', attempts: 2, redeliver: false, event: { type: EventType.INCIDENT_OPENED } },
    ]);
    const after = deadLetters[0]?.event?.sequence ?? 0n;
    expect((await reader.listDeadLetters({ webhook: 'pager', after })).deadLetters).toEqual([]);
  });

  test('are resumed, tried, redelivered and emptied by who may', async () => {
    await openIncident();
    const admin = client(['mesh.admin']);
    expect((await admin.resumeWebhook({ webhook: 'pager' })).webhook?.name).toBe('pager');
    expect((await admin.testWebhook({ webhook: 'pager' })).attempt).toMatchObject({ status: 503 });
    expect(await admin.redeliver({ webhook: 'pager' })).toMatchObject({ queued: 1n, remaining: 0n });
    expect(await admin.dropDeadLetters({ webhook: 'pager' })).toMatchObject({ dropped: 1n });
    expect((await refusal(admin.redeliver({ webhook: 'pager', sequences: [7n] }))).codes).toEqual([
      'DEAD_LETTER_NOT_FOUND',
    ]);
    expect(await refusal(admin.testWebhook({ webhook: 'nope' }))).toMatchObject({
      status: 'NotFound',
      codes: ['WEBHOOK_NOT_FOUND'],
    });
  });

  test('are for nobody who is limited to namespaces: they carry the events of all', async () => {
    const limited = client(['mesh.read', 'mesh.admin'], [namespace]);
    for (const call of [
      limited.listWebhooks({}),
      limited.listDeadLetters({ webhook: 'pager' }),
      limited.testWebhook({ webhook: 'pager' }),
    ]) {
      expect((await refusal(call)).status).toBe('PermissionDenied');
    }
  });
});
