import type { SearchEngine } from './search-engine.ts';

/** No peak is worth being below this utilisation over the mean, or can be: the line, and the largest replica on the largest node. */
export function peakFloor(engine: SearchEngine): number {
  const { state, factors } = engine;
  const { width, nodeCount, nodes, initial } = state.problem;
  const largest = new Float64Array(width);
  for (let n = 0; n < nodeCount; n++) {
    for (let d = 0; d < width && nodes.takes[n] === 1; d++) {
      largest[d] = Math.max(largest[d], nodes.effective[n * width + d]);
    }
  }
  let floor = 1 + factors.tolerance;
  for (let d = 0; d < width; d++) {
    const fair = largest[d] * factors.meanUtilization[d];
    if (factors.weights[d] === 0 || !(fair > 0)) continue;
    floor = Math.max(floor, initial.largest[d] / fair);
  }
  return floor;
}
