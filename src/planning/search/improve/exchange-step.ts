import { createChange } from '../../change.ts';
import { isAccepted, take, type Walk } from './walk.ts';

/** Tries to exchange the drawn replica for a random one; answers whether they changed places. */
export function createExchangeStep(walk: Walk): () => boolean {
  const { energy, gate, random } = walk;
  const { state } = walk.engine;
  const { nodeOf, rowOf } = state;
  const { loads, shardOf, width } = state.problem;
  const { takes } = state.problem.nodes;
  const { replicas } = walk.space;
  const difference = new Float64Array(width);
  const exchange = createChange();
  exchange.kind = 'swap';
  exchange.loads = difference;
  const step = createChange();

  function fill(replica: number, partner: number): void {
    exchange.replica = replica;
    exchange.partner = partner;
    exchange.from = nodeOf[replica];
    exchange.to = nodeOf[partner];
    const left = rowOf[replica] * width;
    const right = rowOf[partner] * width;
    for (let d = 0; d < width; d++) difference[d] = loads[left + d] - loads[right + d];
  }

  /** One half after the other: the second is asked again when the first has changed what its rules see. */
  function commit(): boolean {
    const { replica, partner, from, to } = exchange;
    if (!gate.admitsHalf(state.relocation(step, replica, to))) return false;
    take(walk, step, energy.delta(step));
    const isAdmitted = gate.admitsHalf(state.relocation(step, partner, from));
    if (!isAdmitted) state.relocation(step, replica, from);
    take(walk, step, energy.delta(step));
    return isAdmitted;
  }

  return () => {
    walk.looked += 1;
    const replica = walk.draw();
    const partner = replicas[random.integer(replicas.length)];
    if (nodeOf[replica] === nodeOf[partner] || shardOf[replica] === shardOf[partner]) return false;
    if (takes[nodeOf[replica]] === 0) return false;
    fill(replica, partner);
    if (!gate.admitsSwap(exchange)) return false;
    return isAccepted(walk, energy.delta(exchange)) && commit();
  };
}
