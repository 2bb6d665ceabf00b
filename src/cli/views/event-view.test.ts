import { expect, test } from 'bun:test';
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { EventSchema, EventType } from '../../gen/meshkit/rebalancer/v1/event_pb.ts';
import { describeEvent, eventName } from './event-view.ts';

test('an event is one line: when, what, about what, and its facts', () => {
  const event = create(EventSchema, {
    at: timestampFromMs(Date.UTC(2026, 0, 2, 12, 3, 44)),
    type: EventType.PLAN_STATUS_CHANGED,
    subject: 'plan/p1',
    data: { from: 'approved', to: 'executing', share: 1 / 3, outcome: '', remedy: null },
  });
  expect(describeEvent(event)).toBe(
    '12:03:44  planStatusChanged      plan/p1  from=approved to=executing share=0.333333\n',
  );
});

test('an event of a newer service is shown all the same', () => {
  expect(describeEvent(create(EventSchema, { type: 999 as EventType, subject: 'x/1' }))).toStartWith(
    '--:--:--  unknown',
  );
});

test('names are those of the domain', () => {
  expect(eventName(EventType.NODE_ADMIN_STATE_CHANGED)).toBe('nodeAdminStateChanged');
});
