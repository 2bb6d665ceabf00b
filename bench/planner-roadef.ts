import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { computePlan } from '../src/planning/compute-plan.ts';
import { readRoadef } from './planner/roadef-instance.ts';

/**
 * `ROADEF_DATA=DIR bun bench/planner-roadef.ts OUT NAME...`: plans instances of the ROADEF/EURO challenge 2012 and writes
 * the assignment after the last move to `OUT/assignment_NAME.txt`. Without the data it says so and ends well.
 */
const data = process.env.ROADEF_DATA;
const [out, ...names] = process.argv.slice(2);
if (!data || !out) {
  process.stdout.write(
    'set ROADEF_DATA to the folder with model_NAME.txt, and name a folder for the answers\n',
  );
} else {
  for (const name of names) solve(data, out, name);
}

function solve(folder: string, target: string, name: string): void {
  const { request, processes } = readRoadef(
    join(folder, `model_${name}.txt`),
    join(folder, `assignment_${name}.txt`),
  );
  const start = performance.now();
  const planned = computePlan(request);
  const millis = Math.round(performance.now() - start);
  if (!planned.ok) throw new Error(planned.error.map((problem) => problem.message).join('; '));
  const { snapshot } = request;
  const nodeOf = new Map<string, string>();
  for (const [s, id] of snapshot.shards.ids.entries()) {
    for (let r = snapshot.shards.replicaOffsets[s]; r < snapshot.shards.replicaOffsets[s + 1]; r++) {
      nodeOf.set(
        `${id}/${snapshot.shards.replicaNumbers[r]}`,
        snapshot.nodes[snapshot.shards.replicaNodes[r]].id,
      );
    }
  }
  for (const move of planned.value.moves) nodeOf.set(`${move.shard}/${move.replica}`, move.destination);
  const machines = processes.map(({ service, number }) =>
    Number(nodeOf.get(`s${String(service).padStart(6, '0')}/${number}`)?.slice(1)),
  );
  writeFileSync(join(target, `assignment_${name}.txt`), `${machines.join(' ')}\n`);
  const { moves, waves, objectiveBefore, objectiveAfter, evaluations } = planned.value.summary;
  process.stdout.write(
    `${JSON.stringify({ case: `roadef-${name}`, millis, moves, waves, evaluations, objectiveBefore, objectiveAfter })}\n`,
  );
}
