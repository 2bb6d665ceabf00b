/** Entry point of a thread: solves one instance with one seed. */
import { contestCost } from './contest-cost.ts';
import { readContestFiles, solve } from './solve.ts';

declare const self: Worker;

export interface LaneOrder {
  readonly folder: string;
  readonly name: string;
  readonly seed: number;
  readonly lane: number;
  readonly seconds: number;
}

export interface LaneReply {
  readonly seed: number;
  /** Machine of each process. */
  readonly assignment: Int32Array;
  readonly total: number;
  readonly evaluations: number;
}

self.onmessage = (event: MessageEvent<LaneOrder>) => {
  const { folder, name, seed, lane, seconds } = event.data;
  const start = performance.now();
  const files = readContestFiles(folder, name);
  const { assignment, evaluations } = solve(files, {
    seed,
    lane,
    maxEvaluations: Number.MAX_SAFE_INTEGER,
    elapsedShare: () => (performance.now() - start) / (seconds * 1_000),
  });
  const { total } = contestCost(files.model, files.assignment, assignment);
  const reply: LaneReply = { seed, assignment, total, evaluations };
  self.postMessage(reply);
};
