import { describe, expect, test } from 'bun:test';
import { eventTypes } from '../domain/event.ts';
import { sampleEvent, sampleTime } from '../ports/store-samples.testing.ts';
import { cloudEventType, eventToCloudEvent, pingToCloudEvent, pingType } from './cloud-event.ts';

describe('a cloud event', () => {
  test('says what happened, to what, when and where, and carries the event of the contract', () => {
    const event = { ...sampleEvent({ data: { moves: 3, forced: false, note: null } }), sequence: 42 };
    expect(eventToCloudEvent(event)).toEqual({
      specversion: '1.0',
      id: 'c1/42',
      source: '/meshkit/clusters/c1',
      type: 'meshkit.rebalancer.plan.created.v1',
      subject: 'plan/p1',
      time: '2023-11-14T22:13:20.000Z',
      datacontenttype: 'application/json',
      data: {
        sequence: '42',
        at: '2023-11-14T22:13:20Z',
        type: 'EVENT_TYPE_PLAN_CREATED',
        cluster: 'c1',
        namespace: 'orders',
        subject: 'plan/p1',
        data: { moves: 3, forced: false, note: null },
      },
    });
  });

  test('has a type for every event, which receivers filter by and which therefore never change', () => {
    expect(eventTypes.map(cloudEventType)).toEqual([
      'meshkit.rebalancer.plan.created.v1',
      'meshkit.rebalancer.plan.status_changed.v1',
      'meshkit.rebalancer.plan.approved.v1',
      'meshkit.rebalancer.plan.progress.v1',
      'meshkit.rebalancer.move.started.v1',
      'meshkit.rebalancer.move.stepped.v1',
      'meshkit.rebalancer.move.ended.v1',
      'meshkit.rebalancer.guardrail.verdict.v1',
      'meshkit.rebalancer.controller.transition.v1',
      'meshkit.rebalancer.policy.applied.v1',
      'meshkit.rebalancer.incident.opened.v1',
      'meshkit.rebalancer.incident.closed.v1',
      'meshkit.rebalancer.node.admin_state_changed.v1',
      'meshkit.rebalancer.telemetry.degraded.v1',
    ]);
  });

  test('of a ping is none of them and names who sent it', () => {
    const ping = pingToCloudEvent({ id: '01J', cluster: 'c1', at: sampleTime, by: 'ann' });
    expect(ping).toMatchObject({ id: 'c1/ping/01J', type: pingType, subject: 'principal/ann' });
    expect(eventTypes.map(cloudEventType)).not.toContain(ping.type);
  });
});
