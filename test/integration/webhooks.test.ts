import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { IncidentSchema } from '../../src/gen/meshkit/rebalancer/v1/incident_pb.ts';
import { ListIncidentsResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { WebhookState } from '../../src/gen/meshkit/rebalancer/v1/webhook_pb.ts';
import {
  ListDeadLettersResponseSchema,
  ListWebhooksResponseSchema,
} from '../../src/gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import { readAudit } from '../support/audit.ts';
import { devToken } from '../support/client.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { openWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { exchange, openWire } from '../support/wires.ts';
import { createWorld, namespace, type World } from '../support/world.ts';

const limitMs = 30_000;
const secret = `whsec_${randomBytes(32).toString('base64')}`;

let folder: TempFolder;
let receiver: WebhookReceiver;
let world: World;
beforeAll(async () => {
  folder = await createTempFolder();
  receiver = openWebhookReceiver(secret);
  const base = `http://127.0.0.1:${receiver.port}`;
  const events = '[incidentOpened, incidentClosed]';
  const config = await folder.write(
    'rebalancer.yaml',
    `webhooks:
  - { name: archive, url: '${base}/archive', secret: '${secret}', events: ${events} }
  - { name: pager, url: '${base}/pager', secret: '${secret}', events: ${events}, maxAttempts: 2 }
`,
  );
  world = await createWorld({ serve: ['--config', config] });
  await waitFor('the receivers to be known', limitMs, async () => {
    const { webhooks } = await world.cli.read(ListWebhooksResponseSchema, ['webhooks', 'list']);
    return webhooks.length === 2 && webhooks.every(({ state }) => state === WebhookState.DELIVERING);
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function openIncident(title: string): Promise<string> {
  return (await world.cli.read(IncidentSchema, ['incidents', 'open', title])).id;
}

function subjectsAt(path: string): readonly string[] {
  return receiver.accepted(path).map(({ subject }) => subject);
}

async function deadLetters(): Promise<readonly string[]> {
  const list = ['webhooks', 'dead-letters', 'pager'];
  const answer = await world.cli.read(ListDeadLettersResponseSchema, list);
  return answer.deadLetters.map(({ event }) => event?.subject ?? '');
}

describe('events', () => {
  test('arrive signed, in order, as CloudEvents', async () => {
    const id = await openIncident('checkout is slow');
    await world.cli.run(['incidents', 'close', id]);
    const arrived = () => receiver.accepted('/archive').filter(({ subject }) => subject === `incident/${id}`);
    await waitFor('both events', limitMs, () => arrived().length === 2, 20);
    expect(arrived().map(({ type }) => type)).toEqual([
      'meshkit.rebalancer.incident.opened.v1',
      'meshkit.rebalancer.incident.closed.v1',
    ]);
    for (const { isGenuine, contentType } of arrived())
      expect([isGenuine, contentType]).toEqual([true, 'application/cloudevents+json; charset=utf-8']);
  });

  test('that happened while the receiver was away, and the service was killed, come when it is back', async () => {
    await receiver.goDown();
    const before = await openIncident('before the service is killed');
    await waitFor('an attempt in vain', limitMs, async () => {
      const { webhooks } = await world.cli.read(ListWebhooksResponseSchema, ['webhooks', 'list']);
      return webhooks.some(({ name, state }) => name === 'archive' && state === WebhookState.RETRYING);
    });
    await world.restart('SIGKILL');
    const after = await openIncident('after it has come back');
    receiver.comeUp();
    await world.cli.run(['webhooks', 'resume', 'archive', '--reason', 'it is up again']);
    const subjects = [before, after].map((id) => `incident/${id}`);
    await waitFor('both events', limitMs, () => subjectsAt('/archive').includes(subjects[1] ?? ''), 20);
    expect(subjectsAt('/archive').slice(-2)).toEqual(subjects);
    const sequences = receiver.accepted('/archive').map(({ sequence }) => sequence ?? 0);
    expect(sequences).toEqual([...new Set(sequences)].sort((left, right) => left - right));
  });
});

describe('an event that a receiver refuses', () => {
  test('becomes a dead letter, which comes with its old id when it is delivered again', async () => {
    receiver.answerWith('/pager', 500);
    const subject = `incident/${await openIncident('the pager is broken')}`;
    await waitFor('the dead letter', limitMs, async () => (await deadLetters()).includes(subject));
    const attempts = receiver.refused('/pager').filter((each) => each.subject === subject);
    expect(attempts.length).toBe(2);

    receiver.answerWith('/pager', 204);
    await world.cli.run(['webhooks', 'redeliver', 'pager', '--all', '--reason', 'repaired']);
    await waitFor('the redelivery', limitMs, () => subjectsAt('/pager').includes(subject), 20);
    const again = receiver.accepted('/pager').find((each) => each.subject === subject);
    expect([again?.id, again?.isGenuine]).toEqual([attempts[0]?.id, true]);
    await waitFor('no dead letters', limitMs, async () => (await deadLetters()).length === 0);
    const actions = (await readAudit(world.cli, ['--subject', 'webhook/pager'])).map(({ action }) => action);
    expect(actions).toContain('webhook.redeliver');
  });

  test('does not hold up other receivers', async () => {
    receiver.answerWith('/pager', 503);
    const subject = `incident/${await openIncident('only the pager is broken')}`;
    await waitFor('the event elsewhere', limitMs, () => subjectsAt('/archive').includes(subject), 20);
    receiver.answerWith('/pager', 204);
  });
});

test('a test message arrives and stands for no event', async () => {
  await world.cli.run(['webhooks', 'test', 'archive']);
  const pings = receiver.accepted('/archive').filter(({ type }) => type.endsWith('webhook.ping.v1'));
  expect(pings.map(({ isGenuine, sequence }) => [isGenuine, sequence])).toEqual([[true, undefined]]);
});

describe('Alertmanager', () => {
  const startsAt = new Date(Date.now() - 60_000).toISOString();

  /** Posts what Alertmanager posts, with a field that a newer one adds. */
  async function notify(status: 'firing' | 'resolved', token = 'operate') {
    await using wire = await openWire(world.service(), 'h1');
    const alert = {
      status,
      labels: { alertname: 'WritesAreSlow', severity: 'critical', mesh_namespace: namespace },
      annotations: { summary: 'Writes are slow' },
      startsAt,
      endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : new Date().toISOString(),
      generatorURL: 'https://prometheus.example/graph',
      fingerprint: '9f2c6a0b4d1e8f37',
      invented: { later: true },
    };
    const { status: code, text } = await exchange(wire, '/meshkit/incidents:alertmanager', {
      headers: {
        authorization: `Bearer ${devToken(world.service(), token)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        version: '4',
        groupKey: '{}:{alertname="WritesAreSlow"}',
        status,
        receiver: 'meshkit',
        alerts: [alert],
      }),
    });
    const { opened, closed, unchanged } = JSON.parse(text) as Record<string, number>;
    return { code, opened, closed, unchanged };
  }

  async function titles(): Promise<readonly string[]> {
    const { incidents } = await world.cli.read(ListIncidentsResponseSchema, ['incidents', 'list']);
    return incidents.map(({ title }) => title);
  }

  test('opens an incident, changes nothing by repeating itself, and closes it', async () => {
    expect(await notify('firing')).toEqual({ code: 200, opened: 1, closed: 0, unchanged: 0 });
    expect(await titles()).toContain('Writes are slow');
    expect(await notify('firing')).toEqual({ code: 200, opened: 0, closed: 0, unchanged: 1 });
    expect(await notify('resolved')).toEqual({ code: 200, opened: 0, closed: 1, unchanged: 0 });
    expect(await titles()).not.toContain('Writes are slow');
  });

  test('needs a token that may operate', async () => {
    expect(await notify('firing', 'read')).toMatchObject({ code: 403 });
  });
});
