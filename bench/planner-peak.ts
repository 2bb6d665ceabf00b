import { createRandom } from '../src/base/random.ts';
import { type Change, createChange } from '../src/planning/change.ts';
import { createCapacity } from '../src/planning/constraints/capacity.ts';
import { buildLoadFactors } from '../src/planning/load-factors.ts';
import { createPlacementState } from '../src/planning/placement-state.ts';
import { buildProblem } from '../src/planning/problem.ts';
import { createFirmBooking } from '../src/planning/search/improve/firm-booking.ts';
import { createPeakDelta } from '../src/planning/search/improve/peak-delta.ts';
import { createOpenNodes, spreadDomains } from '../src/planning/search/open-nodes.ts';
import { createSearchEngine } from '../src/planning/search/search-engine.ts';
import { balanceLines } from '../src/planning/search/shed-lines.ts';
import { generateFullFleet } from './planner/generate-full-fleet.ts';
import { usualRequest, usualShape } from './planner/usual-fleet.ts';

/**
 * What a candidate costs: all terms, the growth of squares by which the coarse descent ranks destinations, and the peak as
 * a term would have to compute it; and what the rule of capacity costs, asked as a rule and by the room that annealing keeps
 * (ADR 8). One JSON object per number
 * of nodes, ten replicas on each, three dimensions: nanoseconds of CPU per candidate, drawing it included.
 * `npm run bench -- planner-peak`
 */
const sizes = [100, 1_000, 10_000];
const rounds = 5;
/** Destinations that a replica is compared over. */
const window = 32;
const candidates = 200_000;
/** A candidate of the hottest node looks at all nodes. */
const candidatesOfHottest = 20_000;
/** As many as the contest's larger instances have. */
const manyDimensions = 12;

for (const nodes of sizes) {
  const request = usualRequest(usualShape('peak', { replicas: 10 * nodes, nodes }));
  const built = buildProblem(request);
  if (!built.ok) throw new Error(built.error.map((each) => each.message).join('; '));
  const problem = built.value;
  const state = createPlacementState(problem);
  const engine = createSearchEngine(state, buildLoadFactors(problem), () => false);
  const peak = createPeakDelta(engine);
  const random = createRandom('candidates');
  const change = createChange();

  const hottest = hottestNode();
  const residents = Array.from(state.nodeOf.keys()).filter((replica) => state.nodeOf[replica] === hottest);
  const any = (): number => random.integer(problem.replicaCount);
  const ofHottest = (): number => residents[random.integer(residents.length)];
  const terms = (candidate: Change): number =>
    engine.terms.reduce((sum, term) => sum + term.delta(candidate), 0);

  const line = {
    case: 'planner-peak',
    nodes,
    drawing: nanoseconds(any, candidates, () => 0),
    ranking: rankingNanoseconds(),
    terms: nanoseconds(any, candidates, terms),
    peak: nanoseconds(any, candidates, peak),
    peakOfHottest: nanoseconds(ofHottest, candidatesOfHottest, peak),
    ...capacityNanoseconds(nodes),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);

  /** Per destination of a window, as `place-below.ts` looks at them. */
  function rankingNanoseconds(): number {
    const lines = balanceLines(state, engine.factors, { heedsTarget: true, fillsUp: true, beginHeat: 1 });
    const open = createOpenNodes(state, engine.factors, lines, spreadDomains(problem), random);
    const found = { nodes: new Int32Array(window), costs: new Float64Array(window), count: 0 };
    const times = Array.from({ length: rounds }, () => {
      const begun = process.cpuUsage();
      let looked = 0;
      while (looked < candidates) {
        const replica = any();
        looked += open.window(state.nodeOf[replica], state.rowOf(replica) * problem.width, window, found);
      }
      const { user, system } = process.cpuUsage(begun);
      return ((user + system) * 1_000) / looked;
    });
    open.close();
    return Math.round(median(times));
  }

  function hottestNode(): number {
    let found = 0;
    let most = 0;
    for (let at = 0; at < state.load.length; at++) {
      const utilization = state.load[at] / problem.nodes.effective[at];
      if (utilization <= most) continue;
      most = utilization;
      found = Math.trunc(at / problem.width);
    }
    return found;
  }

  /** Median over the rounds. */
  function nanoseconds(draw: () => number, count: number, delta: (candidate: Change) => number): number {
    const times = Array.from({ length: rounds }, () => {
      const begun = process.cpuUsage();
      let sum = 0;
      for (let i = 0; i < count; i++) {
        state.relocation(change, draw(), random.integer(nodes));
        if (change.from !== change.to) sum += delta(change);
      }
      const { user, system } = process.cpuUsage(begun);
      return Number.isFinite(sum) ? ((user + system) * 1_000) / count : Number.NaN;
    });
    return Math.round(median(times));
  }
}

/** Exchanges in a fleet of twelve dimensions at 95% of its capacity, of which most are refused. */
function capacityNanoseconds(nodes: number): { readonly capacity: number; readonly booking: number } {
  const dimensions = Array.from({ length: manyDimensions }, (_, d) => `d${d}`);
  const shape = { ...usualShape('peak', { replicas: 10 * nodes, nodes }), dimensions };
  const built = buildProblem(usualRequest(shape, generateFullFleet(shape), { targetUtilization: 1 }));
  if (!built.ok) throw new Error(built.error.map((each) => each.message).join('; '));
  const problem = built.value;
  const state = createPlacementState(problem);
  const rule = createCapacity(state, false);
  const booking = createFirmBooking(state);
  const random = createRandom('exchanges');
  const swap = createChange();
  swap.kind = 'swap';

  function draw(): Change {
    swap.replica = random.integer(problem.replicaCount);
    swap.partner = random.integer(problem.replicaCount);
    swap.from = state.nodeOf[swap.replica];
    swap.to = state.nodeOf[swap.partner];
    return swap;
  }

  return {
    capacity: nanosecondsOf(() => rule.delta(draw())),
    booking: nanosecondsOf(() => booking.delta(draw(), 0)),
  };
}

/** Median over the rounds. */
function nanosecondsOf(ask: () => number): number {
  const times = Array.from({ length: rounds }, () => {
    const begun = process.cpuUsage();
    let admitted = 0;
    for (let i = 0; i < candidates; i++) if (ask() < Number.POSITIVE_INFINITY) admitted += 1;
    const { user, system } = process.cpuUsage(begun);
    return admitted > 0 ? ((user + system) * 1_000) / candidates : Number.NaN;
  });
  return Math.round(median(times));
}

function median(times: number[]): number {
  return times.sort((left, right) => left - right)[Math.trunc(rounds / 2)];
}
