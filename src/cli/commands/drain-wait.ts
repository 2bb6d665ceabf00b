import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';

/** How often the node is looked at while events pour in. */
const refreshMs = 1_000;

/** Waits until a node carries nothing any more. Returns 0 then, 130 when interrupted. */
export async function waitUntilEmpty(session: Session, node: string): Promise<number> {
  const { clock, signal, terminal } = session.context;
  const { eventHead, namespaces } = await session.call((client) => client.status.getStatus({}));
  const left = async (): Promise<number> => {
    let replicas = 0;
    for (const namespace of namespaces) {
      const { nodes } = await session.call((client) => client.nodes.listNodes({ namespace }));
      replicas += Number(nodes.find((each) => each.node?.id === node)?.replicas ?? 0n);
    }
    return replicas;
  };
  const stop = new AbortController();
  const events = (await session.client()).watch({
    resumeToken: eventHead,
    signal: AbortSignal.any([signal, stop.signal]),
  });
  try {
    let replicas = await left();
    let lookedAt = clock.monotonic();
    if (replicas === 0) return empty(session, node);
    for await (const _ of events) {
      if (clock.monotonic() - lookedAt < refreshMs) continue;
      lookedAt = clock.monotonic();
      const before = replicas;
      replicas = await left();
      if (replicas === 0) return empty(session, node);
      if (replicas !== before && !session.json) terminal.error(`${replicas} replicas left on ${node}\n`);
    }
  } finally {
    stop.abort();
  }
  return exitCodes.interrupted;
}

function empty(session: Session, node: string): number {
  if (!session.json) session.printText(`Node ${node} carries nothing any more.\n`);
  return exitCodes.done;
}
