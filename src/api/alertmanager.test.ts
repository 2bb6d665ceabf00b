import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { namespace } from '../controller/rebalancer.testing.ts';
import { AlertIgnored, AlertResult } from '../gen/meshkit/rebalancer/v1/alert_pb.ts';
import {
  IncidentService,
  type ReceiveAlertsRequest,
  ReceiveAlertsRequestSchema,
} from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { type ApiBench, createApiBench, everybodyIs, refusal } from './api.testing.ts';
import { createApiHandler } from './api-handler.ts';
import { ask } from './http.testing.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await createApiBench();
});
afterEach(() => bench.stop());

interface Sample {
  readonly status: 'firing' | 'resolved';
  readonly fingerprint?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A notification as Alertmanager 0.27 writes it: nanoseconds, an offset, the year 1 for an end that is not known. */
function notification(...samples: readonly Sample[]): JsonValue {
  return {
    receiver: 'meshkit',
    status: samples.some((each) => each.status === 'firing') ? 'firing' : 'resolved',
    alerts: samples.map(({ status, fingerprint = '9f2c6a0b4d1e8f37', labels = {} }) => ({
      status,
      labels: { alertname: 'ShardWriteLatencyHigh', job: 'shards', severity: 'critical', ...labels },
      annotations: {
        description: 'The 99th percentile of writes in orders is 2.1 s.',
        runbook_url: 'https://runbooks.example/shards/latency',
        summary: 'Writes in orders are slow',
      },
      startsAt: '2026-03-05T09:41:07.123456789Z',
      endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-05T11:55:37.5+01:00',
      generatorURL: 'https://prometheus.example/graph?g0.expr=histogram_quantile%280.99%2C+...%29&g0.tab=1',
      fingerprint,
    })),
    groupLabels: { alertname: 'ShardWriteLatencyHigh' },
    commonLabels: { alertname: 'ShardWriteLatencyHigh', job: 'shards', severity: 'critical' },
    commonAnnotations: { summary: 'Writes in orders are slow' },
    externalURL: 'https://alertmanager.example',
    version: '4',
    groupKey: '{}/{team="storage"}:{alertname="ShardWriteLatencyHigh"}',
    truncatedAlerts: 0,
  };
}

/** As the REST route reads it: fields that a newer Alertmanager adds are no mistake. */
function parse(json: JsonValue): ReceiveAlertsRequest {
  return fromJson(ReceiveAlertsRequestSchema, json, { ignoreUnknownFields: true });
}

function client(...authenticator: Parameters<typeof everybodyIs>) {
  return createClient(IncidentService, bench.transport({ authenticator: everybodyIs(...authenticator) }));
}

describe('the Alertmanager webhook', () => {
  test('opens an incident when an alert fires and closes it when the alert is resolved', async () => {
    const incidents = client(['mesh.operate', 'mesh.read']);
    const labels = { namespace };
    const fired = await incidents.receiveAlerts(parse(notification({ status: 'firing', labels })));
    expect(fired).toMatchObject({ opened: 1, closed: 0, unchanged: 0, ignored: 0 });
    const { incidents: open } = await incidents.listIncidents({ openOnly: true });
    expect(open).toMatchObject([
      {
        id: fired.outcomes[0]?.incidentId ?? '',
        namespace,
        title: 'Writes in orders are slow',
        source: 'alertmanager',
        openedBy: 'pat',
      },
    ]);
    const again = await incidents.receiveAlerts(parse(notification({ status: 'firing', labels })));
    expect(again).toMatchObject({ opened: 0, unchanged: 1 });
    const resolved = await incidents.receiveAlerts(parse(notification({ status: 'resolved', labels })));
    expect(resolved).toMatchObject({ closed: 1 });
    expect((await incidents.listIncidents({ openOnly: true })).incidents).toEqual([]);
  });

  test('says of every alert what became of it', async () => {
    const answer = await client(['mesh.operate']).receiveAlerts(
      parse(
        notification(
          { status: 'firing', fingerprint: 'a1' },
          { status: 'resolved', fingerprint: 'a2' },
          { status: 'firing', fingerprint: 'a3', labels: { namespace: 'kube-system' } },
        ),
      ),
    );
    expect(answer).toMatchObject({ opened: 1, ignored: 2 });
    expect(answer.outcomes.map(({ fingerprint, result, reason }) => [fingerprint, result, reason])).toEqual([
      ['a1', AlertResult.OPENED, AlertIgnored.UNSPECIFIED],
      ['a2', AlertResult.IGNORED, AlertIgnored.NOT_OPEN],
      ['a3', AlertResult.IGNORED, AlertIgnored.OTHER_NAMESPACE],
    ]);
  });

  test('knows every field that Alertmanager sends by the name that it has there', () => {
    const json = notification({ status: 'firing' }, { status: 'resolved' });
    const request = fromJson(ReceiveAlertsRequestSchema, json);
    expect(request).toMatchObject({
      externalUrl: 'https://alertmanager.example',
      groupLabels: { alertname: 'ShardWriteLatencyHigh' },
    });
    expect(request.alerts[0]?.generatorUrl).toStartWith('https://prometheus.example/');
  });

  test('takes fields that it does not know', async () => {
    const json = { ...Object(notification({ status: 'firing' })), notificationReason: 'new' };
    expect(await client(['mesh.operate']).receiveAlerts(parse(json))).toMatchObject({ opened: 1 });
  });

  test('is a route that takes what Alertmanager posts, as it posts it', async () => {
    const handler = createApiHandler(bench.deps(), new AbortController().signal);
    const post = (body: object) => ask(handler, '/meshkit/incidents:alertmanager', { body });
    const json = Object(notification({ status: 'firing', labels: { namespace } }));
    const fired = await post({ ...json, notificationReason: 'added by a newer version' });
    expect(fired).toMatchObject({ status: 200 });
    expect(fired.json()).toMatchObject({
      opened: 1,
      outcomes: [{ fingerprint: '9f2c6a0b4d1e8f37', result: 'ALERT_RESULT_OPENED' }],
    });
    const open = await ask(handler, '/meshkit/incidents?openOnly=true');
    expect(open.json().incidents).toMatchObject([{ namespace, source: 'alertmanager' }]);
    const { incidentId } = (fired.json().outcomes as { incidentId: string }[])[0] ?? {};
    const closed = await ask(handler, `/meshkit/incidents/${incidentId}:close`, {
      body: { reason: 'known' },
    });
    expect(closed.json().incident).toMatchObject({ id: incidentId, closedBy: 'dev' });
    expect(
      (await post(Object(notification({ status: 'resolved', labels: { namespace } })))).json(),
    ).toMatchObject({
      unchanged: 1,
    });
    expect((await post({ version: '4', alerts: 'none' })).status).toBe(400);
  });

  test('keeps within the namespaces of its credential, and audits each that it tried once', async () => {
    const limited = client(['mesh.operate'], [namespace]);
    const answer = await limited.receiveAlerts(
      parse(
        notification(
          { status: 'firing', fingerprint: 'a1', labels: { namespace } },
          { status: 'firing', fingerprint: 'a2' },
          { status: 'firing', fingerprint: 'a3' },
        ),
      ),
    );
    expect(answer).toMatchObject({ opened: 1, ignored: 2 });
    const denials = await bench.store.auditRecords({ limit: 10, action: 'access.denied' });
    expect(denials.map((each) => each.subject)).toEqual([
      'method/meshkit.rebalancer.v1.IncidentService/ReceiveAlerts',
    ]);
  });

  test('refuses what is no notification, with the field', async () => {
    const incidents = client(['mesh.operate']);
    const wrong = parse(notification({ status: 'firing', fingerprint: '../etc' }));
    expect(await refusal(incidents.receiveAlerts(wrong))).toMatchObject({
      status: 'InvalidArgument',
      fields: ['alerts[0].fingerprint'],
    });
    expect((await refusal(incidents.receiveAlerts({ version: '3' }))).fields).toEqual(['version']);
    expect((await refusal(incidents.receiveAlerts({}))).codes).not.toContain('INTERNAL');
  });
});
