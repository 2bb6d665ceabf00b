import { signals } from '../domain/signals.ts';
import { ramp, scoreEach, signalOf } from './distress.ts';
import type { ScoringAdapter } from './scoring-adapter.ts';

/**
 * Failing requests: distress = ramp(error rate, startRate, fullRate). Against fixed rates and not against the fleet,
 * because errors are wrong even when everybody has them.
 */
export const errorRateAdapter: ScoringAdapter = {
  name: 'error-rate',
  description: "Share of the node's requests that fail.",
  needs: [signals.errorRate],
  parameters: [
    {
      name: 'startRate',
      description: 'Share of failed requests from which distress begins',
      unit: 'share',
      // A service level of 99% leaves one request in a hundred.
      default: 0.01,
      minimum: 0,
      maximum: 1,
    },
    {
      name: 'fullRate',
      description: 'Share of failed requests at which distress is full; not above startRate makes it a step',
      unit: 'share',
      default: 0.1,
      minimum: 0,
      maximum: 1,
    },
  ],
  score(context) {
    const { startRate = 0, fullRate = 0 } = context.parameters;
    const evidence = Float64Array.from(context.nodes, (node) => signalOf(node, signals.errorRate));
    return scoreEach(evidence, 'share', (rate) => ramp(rate, startRate, fullRate));
  },
};
