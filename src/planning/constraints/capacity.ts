import type { Change } from '../change.ts';
import type { Constraint, RefusalNote, Violations } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';
import { rounded } from '../rounded.ts';
import { excessScale } from './excess-scale.ts';

/** Room for what sums of doubles lose: a trillionth of the limit, far below one unit of any integer load. */
export const roundingShare = 1e-12;

/** What the rule is called; an extension's may be called the same. */
const capacityName = 'hard limit';

export function isCapacity({ name, extension }: Constraint): boolean {
  return name === capacityName && extension === undefined;
}

/**
 * No node carries more than its hard limit, nor more than policy's share of the namespace's load, in any dimension.
 * Transient load that is held until the plan ends counts where it is held. Subject: node and dimension; amount: the
 * excess relative to what `excessScale` says.
 *
 * @param relative lets a node that was over its limit at the beginning go back up to where it was: intermediate
 * states are measured against the beginning, the search against now.
 */
export function createCapacity(state: PlacementState, relative: boolean): Constraint {
  const { problem, load, ghost } = state;
  const { width, nodeCount } = problem;
  const limits = capacityLimits(state);
  const ceilings = relative ? limits.map((limit, at) => Math.max(limit, load[at])) : limits;

  /** The ceilings with room for rounding, and whether what leaves stays held, per dimension. */
  const ceilingOf = ceilings.map((ceiling) => ceiling * (1 + roundingShare));
  const isHeld = problem.dimensions.map((dimension) => ghost !== null && dimension.transient);
  const origins = problem.shards.replicaNodes;
  /** Where nothing is held nobody asks where a replica began: a look less, all over memory. */
  const holds = isHeld.includes(true);

  const usage = (at: number): number => (ghost ? load[at] + ghost[at] : load[at]);
  const scaleOf = (limit: number, at: number): number =>
    excessScale(limit, problem.totals[at % width] / nodeCount);

  function over(at: number, used: number): number {
    const limit = limits[at];
    return used > limit * (1 + roundingShare) ? (used - limit) / scaleOf(limit, at) : 0;
  }

  /** What changes at one node and dimension when its usage goes from `before` to `after`. */
  function shift(at: number, before: number, after: number): number {
    if (after > before && after > ceilingOf[at]) return Number.POSITIVE_INFINITY;
    return over(at, after) - over(at, before);
  }

  function delta(change: Change): number {
    if (change.kind === 'swap') return ofSwap(change);
    return change.kind === 'relocate' ? ofRelocation(change) : ofDifference(change);
  }

  /** First whether the destination has room, which is where most candidates fail; loads of replicas are never negative. */
  function ofRelocation({ loads, offset, from, to, replica }: Change): number {
    const comesHome = holds && origins[replica] === to;
    const start = to * width;
    for (let d = 0; d < width; d++) {
      const amount = loads[offset + d];
      const at = start + d;
      const used = ghost === null ? load[at] : load[at] + ghost[at];
      if (used + amount > ceilingOf[at] && amount > 0 && !(comesHome && isHeld[d])) {
        return Number.POSITIVE_INFINITY;
      }
    }
    const leavesHome = holds && origins[replica] === from;
    let total = 0;
    for (let d = 0; d < width; d++) {
      const amount = loads[offset + d];
      const source = from * width + d;
      const before = usage(source);
      if (before > limits[source] && !(leavesHome && isHeld[d])) {
        total += over(source, before - amount) - over(source, before);
      }
      // Where the ceiling is the limit itself, who keeps to it is over nothing.
      if (!relative) continue;
      const destination = start + d;
      const used = usage(destination);
      if (used + amount > limits[destination] && !(comesHome && isHeld[d])) {
        total += over(destination, used + amount) - over(destination, used);
      }
    }
    return total;
  }

  /** A transfer of leadership: loads may be negative, and nothing is held. */
  function ofDifference({ loads, offset, from, to }: Change): number {
    let total = 0;
    for (let d = 0; d < width; d++) {
      const amount = loads[offset + d];
      if (amount === 0) continue;
      const gains = (amount > 0 ? to : from) * width + d;
      const loses = (amount > 0 ? from : to) * width + d;
      const size = Math.abs(amount);
      const onGain = usage(gains);
      const onLoss = usage(loses);
      total += shift(gains, onGain, onGain + size) + shift(loses, onLoss, onLoss - size);
      if (total === Number.POSITIVE_INFINITY) return total;
    }
    return total;
  }

  /** Each side gets one row and loses the other, in full where the one that leaves is held. */
  function ofSwap({ replica, partner, from, to }: Change): number {
    const row = state.rowOf(replica) * width;
    const other = state.rowOf(partner) * width;
    let total = 0;
    for (let d = 0; d < width; d++) {
      const outgoing = problem.loads[row + d];
      const incoming = problem.loads[other + d];
      let atFrom = incoming - outgoing;
      let atTo = -atFrom;
      if (isHeld[d]) {
        const origin = origins[replica];
        const partnerOrigin = origins[partner];
        atFrom = (partnerOrigin === from ? 0 : incoming) - (origin === from ? 0 : outgoing);
        atTo = (origin === to ? 0 : outgoing) - (partnerOrigin === to ? 0 : incoming);
      }
      const left = from * width + d;
      const right = to * width + d;
      const onLeft = ghost === null ? load[left] : load[left] + ghost[left];
      const onRight = ghost === null ? load[right] : load[right] + ghost[right];
      if (atFrom > 0 && onLeft + atFrom > ceilingOf[left]) return Number.POSITIVE_INFINITY;
      if (atTo > 0 && onRight + atTo > ceilingOf[right]) return Number.POSITIVE_INFINITY;
      if (onLeft > limits[left] || onLeft + atFrom > limits[left]) {
        total += over(left, onLeft + atFrom) - over(left, onLeft);
      }
      if (onRight > limits[right] || onRight + atTo > limits[right]) {
        total += over(right, onRight + atTo) - over(right, onRight);
      }
    }
    return total;
  }

  function measure(): Violations {
    let amount = 0;
    let subjects = 0;
    for (let at = 0; at < nodeCount * width; at++) {
      const excess = over(at, usage(at));
      if (excess > 0) {
        amount += excess;
        subjects += 1;
      }
    }
    return { amount, subjects };
  }

  function offenders(visit: (replica: number) => void): void {
    for (let node = 0; node < nodeCount; node++) {
      for (let d = 0; d < width; d++) {
        const at = node * width + d;
        if (over(at, usage(at)) > 0) {
          for (const replica of byUsefulness(state, node, d, usage(at) - limits[at])) {
            visit(replica);
            if (over(at, usage(at)) === 0) break;
          }
        }
      }
    }
  }

  /** The first node and dimension that would go beyond; a relocation or transfer, which explanations ask about. */
  function refusal(change: Change): RefusalNote {
    for (let d = 0; d < width; d++) {
      const amount = change.loads[change.offset + d];
      const node = amount > 0 ? change.to : change.from;
      const at = node * width + d;
      const observed = usage(at) + Math.abs(amount);
      if (amount === 0 || observed <= ceilingOf[at]) continue;
      const { id } = problem.request.snapshot.nodes[node];
      const { name } = problem.dimensions[d];
      const message = `node ${id} would carry ${rounded(observed)} ${name}, above its limit of ${rounded(limits[at])}`;
      return { subject: `node/${id}`, dimension: name, observed, limit: limits[at], message };
    }
    const { id } = problem.request.snapshot.nodes[change.to];
    return { subject: `node/${id}`, message: `node ${id} has no room` };
  }

  return { name: capacityName, obstacle: 'capacity', kind: 'load', delta, refusal, measure, offenders };
}

/** Per node and dimension the smaller of its hard limit and its share of the namespace's load. */
export function capacityLimits(state: PlacementState): Float64Array {
  const { nodes, totals, width, request } = state.problem;
  const share = request.policy.placement.maxShareOfLoadPerNode;
  if (share >= 1) return nodes.hardLimit;
  return nodes.hardLimit.map((limit, at) => Math.min(limit, share * totals[at % width]));
}

/** Replicas that alone shed the excess, smallest first; then the others, largest first. */
function byUsefulness(state: PlacementState, node: number, dimension: number, excess: number): number[] {
  const { problem, rowOf } = state;
  const replicas: number[] = [];
  for (let r = state.first[node]; r >= 0; r = state.next[r]) replicas.push(r);
  const loadOf = (replica: number): number => problem.loads[rowOf(replica) * problem.width + dimension];
  return replicas
    .filter((replica) => loadOf(replica) > 0)
    .sort((left, right) => {
      const a = loadOf(left);
      const b = loadOf(right);
      const aSheds = a >= excess;
      if (aSheds !== b >= excess) return aSheds ? -1 : 1;
      return (aSheds ? a - b : b - a) || left - right;
    });
}
