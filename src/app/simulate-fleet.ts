import type { CliContext, SimulateOptions } from '../cli/cli-context.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import { ProblemError } from '../domain/problem.ts';
import { loadProfiles } from '../simulator/generator.ts';
import type { RoadefFile } from '../simulator/roadef-instance.ts';
import { type FleetSource, runFleet } from '../simulator/run-fleet.ts';
import { expectFile } from '../wire/expect-file.ts';
import { parseSnapshotFile } from '../wire/snapshot-file.ts';
import { createJsonLog } from './json-log.ts';

/**
 * Runs a simulated fleet until the context's signal aborts or somebody stops it (`mesh fleet stop`).
 *
 * @throws ProblemError: FIELD_INVALID, FIELDS_CONTRADICT, FILE_UNREADABLE, INPUT_MALFORMED, SNAPSHOT_*, LISTEN_*
 */
export async function simulateFleet(options: SimulateOptions, context: CliContext): Promise<number> {
  const { listen, seed, cluster, namespace, timeScale } = options;
  const log = createJsonLog(context.clock, 'info', (line) => context.terminal.error(line));
  const source = await sourceOf(options, context);
  const running = await runFleet({
    listen,
    seed,
    cluster,
    namespace,
    timeScale,
    source,
    clock: context.clock,
    log,
  });
  if (!running.ok) throw new ProblemError(running.error);
  const { url, stopped, stop } = running.value;
  context.terminal.out(`${JSON.stringify({ ready: true, url, cluster, namespace, pid: process.pid })}\n`);
  if (context.signal.aborted) stop();
  else context.signal.addEventListener('abort', stop, { once: true });
  await stopped;
  return exitCodes.done;
}

async function sourceOf(options: SimulateOptions, context: CliContext): Promise<FleetSource> {
  if (options.snapshot !== undefined && options.roadef !== undefined) {
    throw new ProblemError({
      code: 'FIELDS_CONTRADICT',
      message: 'a fleet starts from a snapshot or from a ROADEF instance, not from both',
      field: '--snapshot',
      remedy: 'Leave one of --snapshot and --roadef out.',
    });
  }
  if (options.snapshot !== undefined) {
    return {
      kind: 'snapshot',
      snapshot: expectFile(options.snapshot, parseSnapshotFile(await context.readFile(options.snapshot))),
    };
  }
  if (options.roadef !== undefined) {
    const [model, assignment, ...others] = options.roadef;
    if (model === undefined || assignment === undefined || others.length > 0) {
      throw new ProblemError({
        code: 'FIELD_INVALID',
        message: `--roadef takes two files, not ${options.roadef.length}`,
        field: '--roadef',
        value: options.roadef.length,
        limit: 2,
        remedy: 'Give the model file and the assignment file.',
      });
    }
    const read = async (path: string): Promise<RoadefFile> => ({
      path,
      text: new TextDecoder().decode(await context.readFile(path)),
    });
    return { kind: 'roadef', model: await read(model), assignment: await read(assignment) };
  }
  const { nodes, zones, regions, shards, replicas, peakToMean } = options;
  const profile = loadProfiles.find((each) => each === options.profile) ?? 'lognormal';
  return { kind: 'generator', nodes, zones, regions, shards, replicas, profile, peakToMean };
}
