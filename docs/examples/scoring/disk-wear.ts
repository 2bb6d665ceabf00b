// A scoring adapter of your own: nodes whose disks are nearly worn out get less work. Name this file under
// `scoringModules` in the configuration and `disk-wear` in a policy's `scoring.adapters`; the peers' telemetry has to
// carry the signal `disk_wear`, the share of its rated writes that the node's worst disk has taken (0..1).
//
// Only the type is imported, so that the file runs wherever it lies.
import type { ScoringAdapter, ScoringContext, ScoringOutcome } from '../../../src/scoring/scoring-adapter.ts';

const signal = 'disk_wear';

function score({ nodes, parameters }: ScoringContext): ScoringOutcome {
  const { startWear = 0.8, fullWear = 1 } = parameters;
  const wear = Float64Array.from(nodes, (node) => {
    const value = node.signals[signal];
    // NaN leaves the node unscored: what is not measured is not judged.
    return value !== undefined && value >= 0 && Number.isFinite(value) ? value : Number.NaN;
  });
  const span = Math.max(fullWear - startWear, 1e-9);
  const distress = wear.map((value) => {
    return Number.isNaN(value) ? Number.NaN : Math.min(1, Math.max(0, (value - startWear) / span));
  });
  return { distress, evidence: wear, evidenceUnit: 'share of rated writes' };
}

export const scoringAdapters: ScoringAdapter[] = [
  {
    name: 'disk-wear',
    description: "How much of its rated writes the node's worst disk has taken.",
    needs: [signal],
    parameters: [
      {
        name: 'startWear',
        description: 'Wear from which distress begins',
        unit: 'share',
        default: 0.8,
        minimum: 0,
        maximum: 1,
      },
      {
        name: 'fullWear',
        description: 'Wear at which distress is full',
        unit: 'share',
        default: 1,
        minimum: 0,
        maximum: 2,
      },
    ],
    score,
  },
];
