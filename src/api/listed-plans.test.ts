import { expect, test } from 'bun:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ListPlansResponseSchema } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { plan } from '../wire/arbitraries.testing.ts';
import { createListedPlans } from './listed-plans.ts';

test('packed plans are the same bytes as their messages', () => {
  fc.assert(
    fc.property(fc.array(plan, { maxLength: 4 }), (plans) => {
      const listed = createListedPlans();
      const usual = toBinary(
        ListPlansResponseSchema,
        create(ListPlansResponseSchema, { plans: plans.map(listed.message), nextCursor: 'c' }),
      );
      const packed = create(ListPlansResponseSchema, { plans: plans.map(listed.packed), nextCursor: 'c' });
      expect(toBinary(ListPlansResponseSchema, packed)).toEqual(usual);
      expect(fromBinary(ListPlansResponseSchema, usual).plans.map(({ id }) => id)).toEqual(
        plans.map(({ id }) => id),
      );
    }),
    { numRuns: 50 },
  );
});
