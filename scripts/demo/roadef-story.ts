import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectOk, ProblemError } from '../../src/domain/problem.ts';
import { fleetFromRoadef } from '../../src/simulator/from-roadef.ts';
import { policyFromRoadef } from '../../src/simulator/roadef-policy.ts';
import { writeRoadefAssignment } from '../../src/simulator/to-roadef.ts';
import { formatPolicyFile } from '../../src/wire/policy-file.ts';
import { readRoadefFiles } from '../support/roadef-files.ts';
import type { PlanFileJson } from './answers.ts';
import { readResult } from './demo-result.ts';
import { setStage, untilInterrupted } from './stage.ts';

export interface RoadefStoryOptions {
  readonly once: boolean;
  readonly folder: string;
  readonly say: (text: string) => void;
  /** Paths of the instance's files. */
  readonly model: string;
  readonly assignment: string;
  /** Where the fleet's final assignment goes. */
  readonly out: string | undefined;
}

const namespace = 'roadef';
/** Copies are of no interest here: the fleet's clock runs fast. */
const timeScale = '2000';
/** A plan that touches most of a large instance's services takes minutes. */
const executionLimitMs = 1_800_000;

/**
 * The fleet of a ROADEF/EURO 2012 instance: one plan over as many of its services as it pays to touch, approved and
 * executed move by move; then what the fleet has become, in the contest's form.
 */
export async function runRoadefStory(options: RoadefStoryOptions): Promise<void> {
  const { folder, say } = options;
  const policyFile = await writePolicy(options);
  const fleetArguments = ['--roadef', options.model, options.assignment, '--time-scale', timeScale];
  const stage = await setStage({ folder, namespace, fleetArguments, say });
  try {
    const { operator } = stage;
    say("\n\n== 1. The contest's rules as a policy ==\n");
    await operator.run(['policies', 'apply', policyFile, '--yes', '--reason', 'the rules of the contest']);
    await operator.run(['snapshot', 'show', '--namespace', namespace]);
    await operator.run(['fleet', 'reset']);

    say('\n\n== 2. A dry run ==\n');
    await operator.run(['shards', 'rebalance', 'plan', '--namespace', namespace, '--dry-run']);

    say('\n\n== 3. One plan for the whole fleet: its share of the shards is forced, and audited ==\n');
    const made = await operator.json<PlanFileJson>([
      ...['shards', 'rebalance', 'plan', '--namespace', namespace, '--as', 'ann'],
      ...['--override', 'SHARE_OF_SHARDS=the contest takes one plan', '--reason', 'reassign the machines'],
    ]);
    const { id, digest } = made.plan;
    await operator.run(['shards', 'rebalance', 'show', id, '--moves', '5']);
    await operator.run(['audit', 'list', '--subject', `plan/${id}`]);

    say('\n\n== 4. Approved by two people, since the plan is large, and executed ==\n');
    const approval = ['shards', 'rebalance', 'approve', id, '--digest', digest];
    await operator.run(approval, { as: 'bob' });
    await operator.run([...approval, '--wait', '--quiet'], { as: 'carol', limitMs: executionLimitMs });
    if (options.out !== undefined) {
      const placements = join(folder, 'placements.json');
      await operator.run(['fleet', 'export', '--out', placements]);
      await writeAssignment(placements, options.out);
      say(`The final assignment is in ${options.out}.\n`);
    }
    const result = await readResult(operator, id, namespace);
    if (!options.once) {
      say(
        `\nThe fleet (${stage.fleet.url}) and the rebalancer (${stage.service.url}) stay up until Ctrl-C.\n`,
      );
      await untilInterrupted();
    }
    say(`\n${JSON.stringify(result)}\n`);
  } finally {
    await stage.stop();
  }
}

/** Written before anything is started: what is wrong with the instance is said at once. */
async function writePolicy({ model, assignment, folder }: RoadefStoryOptions): Promise<string> {
  const instance = readRoadefFiles(model, assignment);
  const names = { cluster: 'demo', namespace };
  const fleet = fleetFromRoadef(instance.model, instance.assignment, names);
  if (!fleet.ok) throw new ProblemError(fleet.error);
  const overlay = {
    ...policyFromRoadef(instance.model),
    mode: 'propose' as const,
    approvals: { required: 2, excludeAuthor: true, tiers: [] },
  };
  const path = join(folder, 'roadef-policy.yaml');
  await writeFile(path, formatPolicyFile({ ...names, overlay }));
  return path;
}

interface PlacementsJson {
  readonly placements: readonly { readonly shard: string; readonly replica: number; readonly node: string }[];
}

async function writeAssignment(placementsFile: string, out: string): Promise<void> {
  const { placements } = JSON.parse(await readFile(placementsFile, 'utf8')) as PlacementsJson;
  const text = writeRoadefAssignment(placements);
  await writeFile(out, expectOk(text.ok ? text : { ok: false, error: [text.error] }));
}
