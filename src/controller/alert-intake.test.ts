import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Alert, AlertOutcome } from '../domain/alert.ts';
import { type CommandContext, grantEach } from '../domain/principal.ts';
import { type Bench, by, createBench, namespace, value } from './rebalancer.testing.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.stop());

const minute = 60_000;
const began = 1_700_000_000_000;

function alert(change: Partial<Alert> = {}): Alert {
  return {
    status: 'firing',
    labels: { alertname: 'DiskLatency', severity: 'critical', namespace },
    annotations: { summary: 'slow disks', description: 'p99 of writes at 2 s' },
    startsAt: began,
    endsAt: 0,
    fingerprint: 'c0ffee',
    ...change,
  };
}

const resolved = (change: Partial<Alert> = {}): Alert =>
  alert({ status: 'resolved', endsAt: began + 10 * minute, ...change });

async function receive(...alerts: readonly Alert[]): Promise<readonly AlertOutcome[]> {
  return receiveAs(by('alertmanager'), ...alerts);
}

async function receiveAs(context: CommandContext, ...alerts: readonly Alert[]) {
  return value(await bench.core().incidents.receiveAlerts({ receiver: 'meshkit', alerts }, context));
}

const results = (outcomes: readonly AlertOutcome[]): readonly string[] =>
  outcomes.map(({ result, reason }) => (reason ? `${result}: ${reason}` : result));

describe('an alert that fires', () => {
  test('opens an incident that says what the alert says', async () => {
    const [outcome] = await receive(alert());
    const [incident] = await bench.core().incidents.list(true);
    expect(outcome).toEqual({ fingerprint: 'c0ffee', result: 'opened', incidentId: incident?.id ?? '' });
    expect(incident).toMatchObject({
      namespace,
      severity: 'critical',
      title: 'slow disks',
      source: 'alertmanager',
      openedBy: 'alertmanager',
      reason: 'the alert DiskLatency fires, says meshkit: p99 of writes at 2 s',
    });
    const events = await bench.store.events({ after: 0, limit: 1_000, subject: `incident/${incident?.id}` });
    expect(events.ok && events.value.map((event) => event.type)).toEqual(['incidentOpened']);
    const records = await bench.store.auditRecords({ limit: 10, action: 'incident.open' });
    expect(records).toHaveLength(1);
  });

  test('and is told of again opens no other, also when its beginning was corrected', async () => {
    await receive(alert());
    expect(results(await receive(alert(), alert({ startsAt: began - minute })))).toEqual([
      'unchanged',
      'unchanged',
    ]);
    expect(await bench.core().incidents.list(false)).toHaveLength(1);
  });

  test('told of by two processes at the same moment opens one', async () => {
    const other = bench.replica();
    const request = { receiver: 'meshkit', alerts: [alert()] };
    const both = await Promise.all(
      [bench.core(), other].map((core) => core.incidents.receiveAlerts(request, by('alertmanager'))),
    );
    expect(both.flatMap((each) => results(value(each))).sort()).toEqual(['opened', 'unchanged']);
  });

  test('whose incident somebody closed stays closed for this spell, and opens one for the next', async () => {
    const [opened] = await receive(alert());
    value(await bench.core().incidents.close({ id: opened?.incidentId ?? '' }, by('ann')));
    expect(results(await receive(alert()))).toEqual(['unchanged']);
    expect(await bench.core().incidents.list(true)).toEqual([]);
    expect(results(await receive(alert({ startsAt: began + minute })))).toEqual(['opened']);
  });

  test('halts moves like any other incident', async () => {
    await receive(alert());
    await bench.clock.advance(1_000);
    const { verdicts } = value(await bench.core().controllers.get(namespace));
    expect(verdicts.map((each) => each.code)).toEqual(['GUARDRAIL_INCIDENT']);
  });
});

describe('an alert that is resolved', () => {
  test('closes its incident, once', async () => {
    await receive(alert());
    expect(results(await receive(resolved()))).toEqual(['closed']);
    expect(results(await receive(resolved()))).toEqual(['unchanged']);
    const [incident] = await bench.core().incidents.list(false);
    expect(incident).toMatchObject({ closedBy: 'alertmanager', revision: 2 });
  });

  test('before it was told that it fires is ignored', async () => {
    expect(results(await receive(resolved()))).toEqual(['ignored: notOpen']);
  });

  test('late, when it fires again already, does not close the new spell', async () => {
    await receive(alert());
    await receive(resolved());
    await receive(alert({ startsAt: began + 20 * minute }));
    expect(results(await receive(resolved()))).toEqual(['unchanged']);
    expect(await bench.core().incidents.list(true)).toHaveLength(1);
  });

  test('leaves those of others alone', async () => {
    await receive(alert(), alert({ fingerprint: 'beef' }));
    expect(results(await receive(resolved({ fingerprint: 'beef' })))).toEqual(['closed']);
    expect(await bench.core().incidents.list(true)).toHaveLength(1);
  });
});

test('a notification may mix what fires, is resolved and is none of our business', async () => {
  await receive(alert({ fingerprint: 'a1' }));
  const labels = { alertname: 'X', severity: 'warning' };
  const outcomes = await receive(
    resolved({ fingerprint: 'a1' }),
    alert({ fingerprint: 'a2', labels }),
    alert({ fingerprint: 'a3', labels: { ...labels, namespace: 'kube-system' } }),
    alert({ fingerprint: 'a4', labels: { ...labels, mesh_cluster: 'c9' } }),
    alert({ fingerprint: 'a5', labels: { alertname: 'Watchdog', severity: 'none' } }),
    alert({ fingerprint: 'a2', labels }),
  );
  expect(results(outcomes)).toEqual([
    'closed',
    'opened',
    'ignored: otherNamespace',
    'ignored: otherCluster',
    'ignored: severityNone',
    'unchanged',
  ]);
  expect(await bench.core().incidents.list(true)).toMatchObject([{ namespace: '', severity: 'warning' }]);
});

describe('a principal that is limited to namespaces', () => {
  const limited = (...namespaces: readonly string[]): CommandContext => {
    const context = by('alertmanager');
    return {
      ...context,
      principal: { ...context.principal, grants: grantEach(['mesh.operate'], namespaces) },
    };
  };

  test('opens and closes incidents in those alone', async () => {
    const ours = limited(namespace);
    const cluster = { labels: { severity: 'critical' }, fingerprint: 'beef' };
    expect(results(await receiveAs(ours, alert(), alert(cluster)))).toEqual([
      'opened',
      'ignored: permissionDenied',
    ]);
    const theirs = limited('billing');
    expect(results(await receiveAs(theirs, alert(), resolved()))).toEqual([
      'ignored: permissionDenied',
      'ignored: permissionDenied',
    ]);
    expect(results(await receiveAs(ours, resolved()))).toEqual(['closed']);
  });

  test('cannot reach another incident by its fingerprint', async () => {
    await receive(alert({ labels: { severity: 'critical' } }));
    expect(results(await receiveAs(limited(namespace), resolved()))).toEqual(['ignored: notOpen']);
    expect(await bench.core().incidents.list(true)).toHaveLength(1);
  });
});

test('what the store refuses is answered as a problem, and repeating the notification does the rest', async () => {
  const { commit } = bench.store;
  let left = 1;
  bench.store.commit = async (batch) =>
    batch.incidents && left-- <= 0
      ? { ok: false, error: { code: 'STORAGE_FULL', message: 'the disk is full' } }
      : commit(batch);
  const request = { receiver: 'meshkit', alerts: [alert(), alert({ fingerprint: 'beef' })] };
  const failed = await bench.core().incidents.receiveAlerts(request, by('alertmanager'));
  expect(!failed.ok && failed.error[0].code).toBe('STORAGE_FULL');
  bench.store.commit = commit;
  expect(results(await receive(...request.alerts))).toEqual(['unchanged', 'opened']);
});
