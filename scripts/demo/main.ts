import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printFailure } from '../support/print-failure.ts';
import { runFleetStory } from './fleet-story.ts';
import { runRoadefStory } from './roadef-story.ts';

const usage = `usage: npm run demo -- [--once] [--roadef MODEL ASSIGNMENT [--out NEW]]

Starts a simulated fleet and the rebalancer as processes of their own and walks through the main job.
  --once               end when the story is told; otherwise both stay up and the demo says how to look around
  --roadef MODEL ASSIGNMENT   the fleet of a ROADEF/EURO 2012 instance instead of a generated one
  --out NEW            with --roadef: write the fleet's final assignment there
The last line of output is one JSON object.
`;

interface DemoArguments {
  readonly once: boolean;
  readonly roadef: readonly [model: string, assignment: string] | undefined;
  readonly out: string | undefined;
}

function readArguments(): DemoArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        roadef: { type: 'string' },
        out: { type: 'string' },
      },
      allowPositionals: true,
    });
    const [assignment, ...others] = positionals;
    if (others.length > 0 || (values.roadef === undefined) !== (assignment === undefined)) return undefined;
    if (values.out !== undefined && values.roadef === undefined) return undefined;
    const roadef =
      values.roadef !== undefined && assignment !== undefined
        ? ([values.roadef, assignment] as const)
        : undefined;
    return { once: values.once, roadef, out: values.out };
  } catch {
    return undefined;
  }
}

const chosen = readArguments();
if (!chosen) {
  process.stderr.write(usage);
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), 'mesh-demo-'));
const say = (text: string): void => void process.stdout.write(text);
try {
  await (chosen.roadef
    ? runRoadefStory({ ...chosen, folder, say, model: chosen.roadef[0], assignment: chosen.roadef[1] })
    : runFleetStory({ ...chosen, folder, say }));
} catch (error) {
  process.stderr.write('\nThe demo failed: ');
  process.exitCode = printFailure(error);
} finally {
  await rm(folder, { recursive: true, force: true });
}
