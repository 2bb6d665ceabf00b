import type { NodeStatus } from '../domain/node.ts';
import type { PeerSample } from '../domain/telemetry-sample.ts';
import type { PeerSource } from '../ports/telemetry-sources.ts';

/** Nodes whose status is remembered; a fleet with more is looked at by its interval only. */
const maxNodes = 1_000_000;

/**
 * The same source, which calls `nudge` after a batch in which a node changed its status was taken: a death is looked
 * at when it is seen, not when the controller's interval is over.
 */
export function nudgeOnStatusChange(peers: PeerSource, nudge: () => void): PeerSource {
  return {
    async *watch(signal) {
      const known = new Map<string, NodeStatus>();
      for await (const batch of peers.watch(signal)) {
        const changed = remember(known, batch);
        yield batch;
        // Whoever asks for the next batch has taken this one in.
        if (changed) nudge();
      }
    },
  };
}

function remember(known: Map<string, NodeStatus>, batch: readonly PeerSample[]): boolean {
  let changed = false;
  for (const { node, status } of batch) {
    const before = known.get(node);
    if (before === status) continue;
    if (before !== undefined) changed = true;
    if (before !== undefined || known.size < maxNodes) known.set(node, status);
  }
  return changed;
}
