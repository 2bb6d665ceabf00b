import { expect, test } from 'bun:test';
import { create, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ListPlansResponseSchema } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { GetStatusResponseSchema } from '../../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { plan, text } from '../../wire/arbitraries.testing.ts';
import { planToMessage } from '../../wire/plan-codec.ts';
import { answerForm, createJsonTexts } from './json-text.ts';

const textOf = createJsonTexts();

test('the text of an answer says what its JSON says, also when its items were written before', () => {
  fc.assert(
    fc.property(fc.array(plan, { maxLength: 3 }), text, (plans, nextCursor) => {
      const answer = create(ListPlansResponseSchema, { plans: plans.map(planToMessage), nextCursor });
      const expected: unknown = toJson(ListPlansResponseSchema, answer, answerForm);
      expect(JSON.parse(textOf(ListPlansResponseSchema, answer))).toEqual(expected);
      expect(JSON.parse(textOf(ListPlansResponseSchema, answer))).toEqual(expected);
      expect(answer.plans.length).toBe(plans.length);
    }),
    { numRuns: 50 },
  );
});

test('the text of an answer without lists of messages is its JSON', () => {
  const answer = create(GetStatusResponseSchema, { version: '1', namespaces: ['a', 'b'] });
  const expected: unknown = toJson(GetStatusResponseSchema, answer, answerForm);
  expect(JSON.parse(textOf(GetStatusResponseSchema, answer))).toEqual(expected);
});
