import { createChainStep } from './chain-step.ts';
import { createExchangeStep } from './exchange-step.ts';
import { createRelocationStep } from './relocation-step.ts';
import type { Walk } from './walk.ts';

/** Shares of the kinds of steps. A chain looks at a few hundred candidates, so that it takes half of the time all the same. */
const chainShare = 0.005;
const exchangeShare = 0.7;

/** Exponent of a chain's draw by rank: the largest replicas, which fit nowhere as they are, come most often. */
const preferLarge = 2;

/** A step of annealing: a relocation, an exchange or an ejection chain, by chance; answers whether the walk went on. */
export function createMixedStep(walk: Walk): () => boolean {
  const { random } = walk;
  const { bySize } = walk.space;
  const relocate = createRelocationStep(walk);
  const exchange = createExchangeStep(walk);
  const chain = createChainStep(walk, () => bySize[Math.floor(bySize.length * random.next() ** preferLarge)]);
  return () => {
    const draw = random.next();
    if (draw < chainShare) return chain();
    return draw < chainShare + exchangeShare ? exchange() : relocate();
  };
}
