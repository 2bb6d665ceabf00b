/** What fills up together: nodes of different capacity, each with a limit, in domains that hold only so much. */
export interface Basin {
  /** Load that a node takes per unit of level. */
  readonly slopes: Float64Array;
  /** Load at which the node is full. */
  readonly limits: Float64Array;
  /** Domain per node, dense. */
  readonly domains: Int32Array;
  /** Load that one domain can hold. */
  readonly domainLimit: number;
}

/** Each step passes a node or domain that is full, or ends; where the last is not reached the level is a little low. */
const maxSteps = 100;

/**
 * The level λ at which nodes filled to min(limit, λ × slope), and no domain beyond its limit, hold the load; `Infinity`
 * when they never do. What is held is concave in λ, so Newton's method from below never passes the level: every step is a
 * lower bound. O(steps × nodes), a handful of steps.
 */
export function waterLevel(basin: Basin, load: number): number {
  const { slopes, limits, domains, domainLimit } = basin;
  const count = domains.reduce((most, domain) => Math.max(most, domain + 1), 0);
  const held = new Float64Array(count);
  const open = new Float64Array(count);
  let level = 0;
  for (let step = 0; step < maxSteps; step++) {
    held.fill(0);
    open.fill(0);
    for (let n = 0; n < slopes.length; n++) {
      const filled = level * slopes[n];
      if (filled >= limits[n]) {
        held[domains[n]] += limits[n];
      } else {
        held[domains[n]] += filled;
        open[domains[n]] += slopes[n];
      }
    }
    let total = 0;
    let rising = 0;
    for (let domain = 0; domain < count; domain++) {
      if (held[domain] >= domainLimit) {
        total += domainLimit;
      } else {
        total += held[domain];
        rising += open[domain];
      }
    }
    const rest = load - total;
    // Sums of doubles: a trillionth is rounding.
    if (rest <= load * 1e-12) return level;
    if (!(rising > 0)) return Number.POSITIVE_INFINITY;
    level += rest / rising;
  }
  return level;
}
