/**
 * What load above a limit is divided by to become an amount of violation: the limit, or the even share of the node (or
 * zone) where that is more. So the amount is the same in every unit, also where there is no capacity at all, and is at most
 * the number of nodes: one that is hopelessly over does not drown what the others gain in the digits of the sum.
 *
 * @param evenShare load of the dimension / number of nodes (or zones), in the dimension's unit
 */
export function excessScale(limit: number, evenShare: number): number {
  // Without load nothing is above a limit.
  return Math.max(limit, evenShare) || 1;
}
