import { shardCount } from '../../domain/snapshot.ts';
import { everyPhase, type Guardrail } from '../guardrail.ts';
import { allow, block, percent } from '../verdicts.ts';

const code = 'GUARDRAIL_SHARE_OF_SHARDS';

/**
 * A plan touches at most `budget.maxShareOfShards` of the namespace's shards; in a small namespace one shard may be
 * more than that share, and one is always allowed unless the share is 0.
 */
export const shareOfShards: Guardrail = {
  code,
  plan: {
    phases: everyPhase,
    judge({ moves, policy, snapshot }) {
      const limit = policy.budget.maxShareOfShards;
      const shards = shardCount(snapshot.shards);
      const touched = new Set(moves.map((move) => move.shard)).size;
      const observed = shards === 0 ? 0 : touched / shards;
      const message = `The plan touches ${touched} of ${shards} shards (${percent(observed)}); ${percent(limit)} are allowed.`;
      const facts = { subject: 'plan', observed, limit, message };
      const most = limit === 0 ? 0 : Math.max(1, Math.floor(limit * shards + 1e-9));
      if (touched <= most) return allow(code, facts);
      return block(code, { ...facts, remedy: 'Plan in several steps, or override this code with a reason.' });
    },
  },
};
