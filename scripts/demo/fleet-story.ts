import { join } from 'node:path';
import { waitFor } from '../support/wait-for.ts';
import { type FleetJson, type NodesJson, type PlanFileJson, type PlanJson, statusName } from './answers.ts';
import { type DemoResult, readResult } from './demo-result.ts';
import type { Operator } from './operator.ts';
import { setStage, untilInterrupted } from './stage.ts';

export interface StoryOptions {
  readonly once: boolean;
  readonly folder: string;
  readonly say: (text: string) => void;
}

const namespace = 'orders';
const policyFile = join(import.meta.dir, '..', '..', 'policies', 'demo.yaml');
const fleetArguments = [
  '--seed',
  '7',
  '--nodes',
  '12',
  '--zones',
  '3',
  '--shards',
  '240',
  '--replicas',
  '3',
  '--time-scale',
  '60',
  '--profile',
  'uniform',
];

/** Loads are measured every few seconds and smoothed. Leaders are most of a node and grow by 1.8: by then the heat has arrived. */
const heatSeen = 1.25;
/** Plans that may be needed until a dead node is restored; each follows a change of the fleet. */
const maxRestorePlans = 5;
/** A plan balances to a few percent, and loads go on swinging; a controller with default triggers would look again at this. */
const coolPeakToMean = 1.25;
/** Copies end and measurements settle within seconds, also on a busy machine. */
const coolWithinMs = 30_000;

/** Hot spots, a dry run, approvals, moves, a rollback, a dead node: told with the commands that an operator types. */
export async function runFleetStory({ once, folder, say }: StoryOptions): Promise<void> {
  const stage = await setStage({ folder, namespace, fleetArguments, say });
  try {
    const { operator } = stage;
    const chapter = (title: string): void => say(`\n\n== ${title} ==\n`);
    chapter('1. A policy, and a fleet in balance');
    await operator.run(['policies', 'apply', policyFile, '--yes', '--reason', 'the demo begins']);
    await operator.run(['fleet', 'reset']);
    await operator.run(['peers', 'list', '--namespace', namespace]);

    chapter('2. Two nodes become hot');
    const [first = '', second = ''] = await busiestNodes(operator);
    const before = await cpuOf(operator, first);
    await operator.run(['fleet', 'hotspot', '--node', first, '--node', second, '--factor', '1.8']);
    await waitFor('the heat to be measured', 60_000, async () => {
      return (await cpuOf(operator, first)) > before * heatSeen;
    });
    await operator.run(['controllers', 'show', '--namespace', namespace]);

    chapter('3. A dry run says what a plan would do, and why');
    await operator.run(['shards', 'rebalance', 'plan', '--namespace', namespace, '--dry-run']);

    chapter('4. A first, careful plan: made by ann, approved by bob, executed');
    const careful = await makePlan(operator, [
      '--max-moves',
      '6',
      '--reason',
      'a careful beginning',
      '--ticket',
      'CHG-1001',
    ]);
    say('\nAnn made the plan, so that policy does not let her approve it:\n');
    await operator.run(approval(careful), { as: 'ann', expect: [3] });
    await operator.run([...approval(careful), '--ticket', 'CHG-1001', '--wait'], { as: 'bob' });

    chapter('5. Bob has second thoughts: the rollback is a plan like any other');
    await operator.run(
      [
        'shards',
        'rebalance',
        'rollback',
        careful.id,
        '--yes',
        '--reason',
        'wait for the release',
        '--ticket',
        'CHG-1002',
      ],
      { as: 'bob' },
    );
    await operator.run([...approval(await openPlan(operator)), '--wait'], { as: 'ann' });
    await operator.run(['shards', 'rebalance', 'show', careful.id, '--moves', '0']);

    chapter('6. The plan that balances the fleet');
    const balancing = await makePlan(operator, ['--reason', 'two hot nodes', '--ticket', 'CHG-1003']);
    await operator.run([...approval(balancing), '--wait'], { as: 'bob' });
    say('\nWhat the controller measures now:\n');
    await waitUntilCool(operator, say);
    await operator.run(['controllers', 'show', '--namespace', namespace]);
    const result = await readResult(operator, balancing.id, namespace);

    chapter('7. A node dies: the controller restores what it held');
    const victim = (await busiestNodes(operator)).at(-1) ?? '';
    await operator.run(['fleet', 'kill', victim]);
    const restoring = await followRestore(operator);
    await operator.run(['peers', 'list', '--namespace', namespace]);

    chapter('8. Everything that happened, and proof that nobody altered it');
    await operator.run(['shards', 'rebalance', 'list']);
    await operator.run(['audit', 'verify']);
    await operator.run(['fleet', 'stats']);
    const { minHealthyReplicas, maxConcurrentMoves, auditRecords, auditVerified } = await readResult(
      operator,
      restoring.id,
      namespace,
    );
    const final: DemoResult = {
      ...result,
      minHealthyReplicas,
      maxConcurrentMoves,
      auditRecords,
      auditVerified,
    };
    if (!once) await lookAround(String(stage.service.ready.config), stage.fleet.url, say);
    say(`\n${JSON.stringify(final)}\n`);
  } finally {
    await stage.stop();
  }
}

async function makePlan(operator: Operator, args: readonly string[]): Promise<PlanJson> {
  await operator.run(['shards', 'rebalance', 'plan', '--namespace', namespace, ...args], { as: 'ann' });
  return openPlan(operator);
}

function approval(plan: PlanJson): string[] {
  return ['shards', 'rebalance', 'approve', plan.id, '--digest', plan.digest];
}

/** The plan that waits for approval; a namespace has at most one. */
async function openPlan(operator: Operator): Promise<PlanJson> {
  const { plans } = await operator.json<{ plans: readonly PlanJson[] }>([
    'shards',
    'rebalance',
    'list',
    '--status',
    'pendingApproval',
  ]);
  const [plan] = plans;
  if (!plan) throw new Error('no plan waits for approval');
  return plan;
}

async function busiestNodes(operator: Operator): Promise<string[]> {
  const fleet = await operator.json<FleetJson>(['fleet', 'stats', '--nodes']);
  const alive = fleet.nodeStates.filter((each) => each.alive);
  return [...alive].sort((left, right) => right.utilization - left.utilization).map((each) => each.node);
}

/** Cores that a node uses, as the service has measured it: latencies and queues tell of heat earlier than loads do. */
async function cpuOf(operator: Operator, id: string): Promise<number> {
  const { nodes } = await operator.json<NodesJson>(['peers', 'list', '--namespace', namespace]);
  const view = nodes.find((each) => each.node.id === id);
  return view?.loads[view.dimensions.indexOf('cpu')] ?? 0;
}

/** Waits until the fleet is measured as balanced. Loads have a life of their own: when it is not, the story tells what is. */
async function waitUntilCool(operator: Operator, say: (text: string) => void): Promise<void> {
  const isCool = async (): Promise<boolean> => {
    const args = ['controllers', 'show', '--namespace', namespace];
    return (await operator.json<{ peakToMean: number }>(args)).peakToMean < coolPeakToMean;
  };
  const cooled = await waitFor('the controller to see the fleet in balance', coolWithinMs, isCool).then(
    () => true,
    () => false,
  );
  if (!cooled) say('\nThe loads went on changing while the plan ran; the next plan would follow them.\n');
}

/**
 * Follows the plans that restore the dead node's replicas until one completes. A plan that was made before the
 * followers took over from the dead leaders is superseded by a newer one.
 */
async function followRestore(operator: Operator): Promise<PlanJson> {
  const seen = new Set<string>();
  for (let round = 0; round < maxRestorePlans; round++) {
    let newest: PlanJson | undefined;
    await waitFor('the controller to restore what the dead node held', 60_000, async () => {
      const { plans } = await operator.json<{ plans: readonly PlanJson[] }>(['shards', 'rebalance', 'list']);
      newest = plans.find((plan) => plan.kind === 'PLAN_KIND_RESTORE' && !seen.has(plan.id));
      return newest !== undefined;
    });
    if (!newest) break;
    seen.add(newest.id);
    await operator.run(['shards', 'rebalance', 'watch', newest.id], { expect: [0, 8] });
    const { plan } = await operator.json<PlanFileJson>(['shards', 'rebalance', 'show', newest.id]);
    if (statusName(plan.status) === 'completed') return plan;
  }
  throw new Error('no plan restored what the dead node held');
}

async function lookAround(config: string, fleet: string, say: (text: string) => void): Promise<void> {
  say(`
The fleet and the rebalancer stay up until Ctrl-C. In another terminal:

  export MESH_CONFIG=${config} MESH_FLEET=${fleet} MESH_NAMESPACE=${namespace}
  dist/mesh shards rebalance list          plans, newest first
  dist/mesh shards rebalance watch         every event
  dist/mesh controllers show               what the controller sees and thinks
  dist/mesh fleet hotspot --node n0001     heat up a node
  dist/mesh peers drain n0002              vacate a node
  dist/mesh incidents open "trouble" --severity critical
  dist/mesh --help
`);
  await untilInterrupted();
}
