import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { onceEach } from '../base/once-each.ts';
import type { Plan } from '../domain/plan.ts';
import { type Plan as PlanMessage, PlanSchema } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { planToMessage } from '../wire/plan-codec.ts';

/** Plans as lists show them. */
export interface ListedPlans {
  message(plan: Plan): PlanMessage;
  /** The same for Protobuf's binary form alone: encoding it copies bytes that are there already. */
  packed(plan: Plan): PlanMessage;
}

/**
 * Every rule that lets a plan pass has a verdict of its own, and in a list these would be most of what is sent: they are left
 * out. A plan's header never changes (the next revision is another one), so that its message is made, and encoded, once for as
 * long as the store keeps the header: consoles list again and again.
 */
export function createListedPlans(): ListedPlans {
  const message = onceEach((plan: Plan) => {
    const verdicts = plan.verdicts.filter(({ decision }) => decision !== 'allow');
    return planToMessage({ ...plan, verdicts });
  });
  return { message, packed: onceEach((plan: Plan) => packedMessage(message(plan))) };
}

/**
 * A message without fields that has the bytes of all of them as what it does not know: these are written as they are. One entry
 * is enough, since nothing looks into its data: the first field's tag, and everything that follows it.
 */
function packedMessage(message: PlanMessage): PlanMessage {
  const bytes = toBinary(PlanSchema, message);
  const packed = create(PlanSchema);
  if (bytes.length === 0) return packed;
  const reader = new BinaryReader(bytes);
  const [no, wireType] = reader.tag();
  packed.$unknown = [{ no, wireType, data: bytes.subarray(reader.pos) }];
  return packed;
}
