import type { PlanSummary } from '../../src/domain/plan.ts';
import { applyMoves } from './apply-moves.ts';
import type { Line } from './bench-line.ts';
import { converge } from './converge.ts';
import type { FleetShape } from './generate-fleet.ts';
import { withNodes } from './generate-fleet.ts';
import { planFigures, timePlan, warmUp, worstPeakToMean } from './measure-plan.ts';
import { peakRssBytes } from './peak-memory.ts';
import { usualRequest } from './usual-fleet.ts';

/**
 * Every node in turn is drained, its plan is carried out, and it comes back empty, as when a fleet is upgraded. The
 * fleet is balanced before; figures are sums over all plans, peaks the worst of any.
 */
export function rollingDrain(shape: FleetShape, progress: (text: string) => void): Line {
  progress('balances the fleet');
  warmUp();
  const request = usualRequest(shape);
  let { fleet } = converge(request);
  const summaries: PlanSummary[] = [];
  const millis: number[] = [];
  let bound = 0;
  let cpuMillis = 0;
  for (let n = 0; n < shape.nodes; n++) {
    progress(`drains node ${n + 1} of ${shape.nodes}`);
    const draining = withNodes(fleet, (node, index) =>
      index === n ? { ...node, adminState: 'draining' } : node,
    );
    const asked = { ...request, snapshot: draining };
    const timed = timePlan(asked);
    const { moves, summary } = timed.result;
    summaries.push(summary);
    millis.push(timed.millis);
    cpuMillis += timed.cpuMillis;
    bound += planFigures(asked, summary).movesLowerBound;
    fleet = { ...applyMoves(draining, moves), nodes: request.snapshot.nodes };
  }
  const sum = (of: (summary: PlanSummary) => number): number =>
    summaries.reduce((total, each) => total + of(each), 0);
  const worst = (of: (summary: PlanSummary) => number): number =>
    summaries.reduce((most, each) => Math.max(most, of(each)), 0);
  return {
    ...{ replicas: shape.replicas, nodes: shape.nodes, dimensions: shape.dimensions.length },
    plans: summaries.length,
    millis: millis.reduce((total, each) => total + each, 0),
    longestMillis: Math.max(...millis),
    cpuMillis,
    peakRssBytes: peakRssBytes(),
    peakToMeanBefore: worst((each) => worstPeakToMean(request, each.before)),
    peakToMean: worst((each) => worstPeakToMean(request, each.after)),
    lowerBound: worst((each) => each.lowerBound),
    gap: worst((each) => each.gap),
    moves: sum((each) => each.moves),
    movesLowerBound: bound,
    waves: sum((each) => each.waves),
    evaluations: sum((each) => each.evaluations),
    violationsBefore: sum((each) => each.violationsBefore),
    violationsAfter: sum((each) => each.violationsAfter),
    toVacateBefore: sum((each) => each.toVacateBefore),
    toVacateAfter: sum((each) => each.toVacateAfter),
  };
}
