import type { Move } from '../../domain/move.ts';
import { isHealthy, mustBeVacated, type Node, takesReplicas } from '../../domain/node.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { everyPhase, type Guardrail } from '../guardrail.ts';
import { judgeEach } from '../judge-each.ts';
import { block } from '../verdicts.ts';

const code = 'GUARDRAIL_DESTINATION_UNHEALTHY';

/**
 * Replicas go only to nodes that are alive and active. Leadership may also go to a replica on a cordoned node, which
 * keeps what it has, but not to one that is being drained.
 */
export const destinationUnhealthy: Guardrail = {
  code,
  plan: {
    phases: everyPhase,
    judge: (context) =>
      judgeEach(code, context, 'Every destination is alive and active.', ({ move, destinationNode }) =>
        judge(move, destinationNode),
      ),
  },
  move: (_context, { move, destinationNode }) => judge(move, destinationNode),
};

function judge(move: Move, node: Node | undefined): Verdict | undefined {
  const takes =
    node && (move.kind === 'relocate' ? takesReplicas(node) : isHealthy(node) && !mustBeVacated(node));
  if (takes) return undefined;
  const observed = node ? `${node.status}, ${node.adminState}` : 'unknown';
  return block(code, {
    subject: `node/${move.destination}`,
    observed,
    limit: 'alive, active',
    message: `Node ${move.destination}, the destination of shard ${move.shard}, is ${observed}.`,
    remedy: 'Restore or uncordon the node, or make a new plan.',
  });
}
