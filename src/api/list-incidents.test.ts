import { describe, expect, test } from 'bun:test';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import type { Incident } from '../domain/incident.ts';
import { ProblemError } from '../domain/problem.ts';
import { ListIncidentsRequestSchema } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { pageOfIncidents } from './list-incidents.ts';

function incident(id: string, openedAt: number, namespace = ''): Incident {
  return {
    id,
    cluster: 'c1',
    namespace,
    severity: 'info',
    title: 't',
    source: 'operator',
    openedAt,
    openedBy: 'ann',
    reason: '',
    closedAt: 0,
    closedBy: '',
    revision: 1,
  };
}

describe('a list of incidents', () => {
  test('shows each that was there exactly once, the newest first, while others are opened', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (times, pageSize) => {
          const present = times.map((at, index) => incident(`i${index}`, at));
          const all = [...present];
          const listed: Incident[] = [];
          let cursor = '';
          do {
            const page = pageOfIncidents(all, create(ListIncidentsRequestSchema, { pageSize, cursor }));
            listed.push(...page.incidents);
            cursor = page.nextCursor;
            all.push(incident(`new${all.length}`, 1_000 + all.length));
          } while (cursor !== '');
          const known = listed.filter((each) => present.includes(each));
          expect(new Set(known).size).toBe(present.length);
          expect(known.map((each) => each.openedAt)).toEqual([...times].sort((left, right) => right - left));
        },
      ),
    );
  });

  test("of a namespace has the cluster's as well", () => {
    const all = [incident('a', 1, 'orders'), incident('b', 2, 'users'), incident('c', 3)];
    const page = pageOfIncidents(all, create(ListIncidentsRequestSchema, { namespace: 'orders' }));
    expect(page.incidents.map(({ id }) => id)).toEqual(['c', 'a']);
  });

  test.each(['x', 'AAAA', Buffer.from('1.00.a').toString('base64url')])('refuses the cursor %s', (cursor) => {
    let code = '';
    try {
      pageOfIncidents([incident('a', 1)], create(ListIncidentsRequestSchema, { cursor }));
    } catch (thrown) {
      code = thrown instanceof ProblemError ? thrown.problems[0].code : String(thrown);
    }
    expect(code).toBe('CURSOR_INVALID');
  });
});
