import type { Plan, PlanOutcome } from '../domain/plan.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { isLost } from '../guardrails/exemptions.ts';
import type { Store } from '../ports/store.ts';
import type { WorldView } from './namespace-world.ts';

/** Whether a plan must make way for a more urgent one. */
export interface Outranking {
  /**
   * Why a plan that runs is no longer the most urgent thing to do: nodes that hold replicas were lost since it was made.
   * Plans that people made move by move, and rollbacks, are theirs to cancel.
   */
  ofRunning(plan: Plan, view: WorldView): Promise<PlanOutcome | undefined>;
}

export function createOutranking(store: Pick<Store, 'snapshot'>): Outranking {
  // The snapshot of the plan that runs is read once, not at every look.
  let known: { readonly digest: string; readonly lost: ReadonlySet<string> } | undefined;

  async function lostBefore(digest: string): Promise<ReadonlySet<string>> {
    if (known?.digest !== digest) {
      const snapshot = await store.snapshot(digest);
      known = { digest, lost: new Set(snapshot ? lostNodes(snapshot) : []) };
    }
    return known.lost;
  }

  return {
    async ofRunning(plan, view) {
      if (view.vacate.kind !== 'restore' || plan.kind === 'manual' || plan.kind === 'rollback')
        return undefined;
      const before = await lostBefore(plan.snapshotDigest);
      const lost = new Set(lostNodes(view.snapshot));
      const news = view.vacate.nodes.filter((node) => lost.has(node) && !before.has(node));
      return news.length === 0 ? undefined : outrankedBy(`nodes were lost: ${named(news)}`);
    },
  };
}

/** Why a plan that has not begun must make way: balance can wait for what must be vacated, a drain for what is lost. */
export function outrankingOfPending(plan: Plan, { vacate }: WorldView): PlanOutcome | undefined {
  const outranked =
    plan.kind === 'rebalance' ? vacate.kind !== 'none' : plan.kind === 'drain' && vacate.kind === 'restore';
  return outranked ? outrankedBy(`nodes must be vacated first: ${named(vacate.nodes)}`) : undefined;
}

function lostNodes({ nodes }: Snapshot): readonly string[] {
  return nodes.filter(isLost).map((node) => node.id);
}

function outrankedBy(message: string): PlanOutcome {
  return { code: 'PLAN_OUTRANKED', message, remedy: 'Nothing: a plan that restores or drains them follows.' };
}

/** Nodes named in a reason; the rest are in the snapshot. */
const namedNodes = 5;

function named(nodes: readonly string[]): string {
  const rest = nodes.length > namedNodes ? ` and ${nodes.length - namedNodes} more` : '';
  return nodes.slice(0, namedNodes).join(', ') + rest;
}
