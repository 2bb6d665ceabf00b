import type { Guardrail } from '../guardrail.ts';
import { throttle } from '../verdicts.ts';

const code = 'GUARDRAIL_REPLICA_IN_FLIGHT';

/** At most one replica of a shard moves at a time; nobody can override this. */
export const replicaInFlight: Guardrail = {
  code,
  replay: true,
  move({ view }, { move, shard }) {
    const other = view.moveOfShard(shard);
    if (!other || other.id === move.id) return undefined;
    return throttle(code, {
      subject: `shard/${move.shard}`,
      observed: 1,
      limit: 1,
      message: `Replica ${other.replica} of shard ${move.shard} is moving (${other.id}).`,
      remedy: `Wait until ${other.id} has ended; this cannot be overridden.`,
    });
  },
};
