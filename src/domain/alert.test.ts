import { describe, expect, test } from 'bun:test';
import {
  type Alert,
  descriptionOfAlert,
  incidentIdOfAlert,
  namespaceOfAlert,
  severityOfAlert,
  spellOfIncident,
  titleOfAlert,
} from './alert.ts';

function alert(change: Partial<Alert> = {}): Alert {
  return {
    status: 'firing',
    labels: { alertname: 'DiskLatency' },
    annotations: {},
    startsAt: 1_700_000_000_000,
    endsAt: 0,
    fingerprint: 'c0ffee',
    ...change,
  };
}

describe('an alert', () => {
  test.each([
    ['critical', 'critical'],
    ['Page', 'critical'],
    ['warning', 'warning'],
    ['error', 'warning'],
    ['', 'warning'],
    ['toString', 'warning'],
    ['info', 'info'],
    ['none', 'none'],
  ] as const)('of severity %p is %p for us', (label, severity) => {
    expect(severityOfAlert(alert({ labels: { severity: label } }))).toBe(severity);
  });

  test('is about the namespace of our own label, else of the usual one, else about the cluster', () => {
    expect(namespaceOfAlert(alert({ labels: { namespace: 'kube', mesh_namespace: 'orders' } }))).toBe(
      'orders',
    );
    expect(namespaceOfAlert(alert({ labels: { namespace: 'orders' } }))).toBe('orders');
    expect(namespaceOfAlert(alert())).toBe('');
  });

  test('has a title whatever it says of itself', () => {
    expect(titleOfAlert(alert({ annotations: { summary: ' slow disks ' } }))).toBe('slow disks');
    expect(titleOfAlert(alert({ annotations: { summary: ' ' } }))).toBe('DiskLatency');
    expect(titleOfAlert(alert({ labels: {} }))).toBe('alert c0ffee');
    expect(descriptionOfAlert(alert({ annotations: { message: 'p99 at 2 s' } }))).toBe('p99 at 2 s');
  });

  test('has one incident per spell, told from those of other alerts and of later spells', () => {
    const id = incidentIdOfAlert(alert());
    expect(id).toBe('alert-c0ffee-loyw3v28');
    expect(incidentIdOfAlert(alert({ startsAt: 1_700_000_000_001 }))).not.toBe(id);
    expect(spellOfIncident(id)).toEqual({ fingerprint: 'c0ffee', startsAt: 1_700_000_000_000 });
    for (const other of ['01J000', 'alert-', 'alert-c0ffee', 'alert-c0ffee-', 'alert-c0-ffee-1'])
      expect(spellOfIncident(other)).toBeUndefined();
  });
});
