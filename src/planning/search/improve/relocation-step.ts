import { createChange } from '../../change.ts';
import { isAccepted, take, type Walk } from './walk.ts';

/** Tries the drawn replica on a random node; answers whether it moved. */
export function createRelocationStep(walk: Walk): () => boolean {
  const { energy, gate, random } = walk;
  const { state } = walk.engine;
  const { nodeOf } = state;
  const { nodes } = walk.space;
  const change = createChange();
  return () => {
    walk.looked += 1;
    const replica = walk.draw();
    const to = nodes[random.integer(nodes.length)];
    if (to === nodeOf[replica] || !gate.admits(state.relocation(change, replica, to))) return false;
    const delta = energy.delta(change);
    if (!isAccepted(walk, delta)) return false;
    take(walk, change, delta);
    return true;
  };
}
