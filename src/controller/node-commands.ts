import { err, ok, type Result } from '../base/result.ts';
import type { AdminState } from '../domain/node.ts';
import type { CommandContext } from '../domain/principal.ts';
import { replicaCount } from '../domain/snapshot.ts';
import { type CommandAttempt, findUnit, runCommand } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import type { WorldView } from './namespace-world.ts';
import type { Problems } from './problems.ts';
import type { NodeCommands, NodeView } from './rebalancer.ts';

export function createNodeCommands(deps: CommandDeps): NodeCommands {
  return {
    async list(namespace) {
      const unit = findUnit(deps, namespace);
      if (!unit.ok) return unit;
      const seen = await unit.value.world.glance();
      return seen.ok ? ok(nodeViews(seen.value)) : seen;
    },
    async setAdminState({ node, adminState }, context) {
      const about = { action: `node.${verbOf[adminState]}`, namespace: '', subject: `node/${node}` };
      const set = await runCommand(deps, about, context, () => attemptSet(deps, node, adminState, context));
      if (!set.ok) return set;
      const seen = await findNode(deps, node);
      for (const unit of deps.units.values()) unit.nudge();
      return seen;
    },
  };
}

const verbOf: Readonly<Record<AdminState, string>> = {
  active: 'uncordon',
  cordoned: 'cordon',
  draining: 'drain',
};

async function attemptSet(
  deps: CommandDeps,
  node: string,
  adminState: AdminState,
  context: CommandContext,
): Promise<Result<CommandAttempt<void>, Problems>> {
  const known = await findNode(deps, node);
  if (!known.ok) return known;
  const records = await deps.store.nodeAdminStates(deps.cluster);
  const current = records.find((each) => each.node === node);
  const before = current?.adminState ?? 'active';
  if (before === adminState) return ok({ batch: {}, answer: undefined });
  const { principal, reason, changeTicket, transport } = context;
  const { cluster } = deps;
  const since = deps.clock.now();
  const revision = (current?.revision ?? 0) + 1;
  const subject = `node/${node}`;
  const place = { at: since, cluster, namespace: '', subject };
  const change = { from: before, to: adminState };
  const audit = {
    ...place,
    actor: principal.id,
    action: `node.${verbOf[adminState]}`,
    reason,
    changeTicket,
    transport,
    outcome: 'ok',
    before: '',
    after: '',
    details: change,
  };
  const event = { ...place, type: 'nodeAdminStateChanged' as const, data: { ...change, by: principal.id } };
  const record = { cluster, node, adminState, since, by: principal.id, reason, revision };
  return ok({
    batch: { nodeAdminStates: [record], audit: [audit], events: [event] },
    answer: undefined,
  });
}

/** The node as the first namespace that has it sees it. Problem: NODE_NOT_FOUND. */
async function findNode(deps: CommandDeps, node: string): Promise<Result<NodeView, Problems>> {
  let unseen: Problems | undefined;
  for (const unit of deps.units.values()) {
    const seen = await unit.world.look();
    if (!seen.ok) unseen = seen.error;
    const found = seen.ok ? nodeViews(seen.value).find((each) => each.node.id === node) : undefined;
    if (found) return ok(found);
  }
  // A fleet that cannot be seen may have the node: say that instead.
  if (unseen) return err(unseen);
  const message = `no namespace has a node ${node}`;
  return err([{ code: 'NODE_NOT_FOUND', message, field: 'node', value: node, subject: `node/${node}` }]);
}

function nodeViews({ snapshot, nodeLoads, scores }: WorldView): readonly NodeView[] {
  const { nodes, shards } = snapshot;
  const dimensions = snapshot.dimensions.map((dimension) => dimension.name);
  const replicas = new Int32Array(nodes.length);
  const leaders = new Int32Array(nodes.length);
  for (let row = 0; row < replicaCount(shards); row++) {
    const node = shards.replicaNodes[row] ?? 0;
    replicas[node] = (replicas[node] ?? 0) + 1;
    leaders[node] = (leaders[node] ?? 0) + (shards.replicaLeads[row] ?? 0);
  }
  const width = dimensions.length;
  return nodes.map((node, index) => ({
    node,
    replicas: replicas[index] ?? 0,
    leaders: leaders[index] ?? 0,
    loads: [...nodeLoads.subarray(index * width, (index + 1) * width)],
    dimensions,
    distress: scores.distress[index] ?? 0,
  }));
}
