/** The parts of a policy's spec that a test says otherwise; each replaces the whole part. */
type Spec = Readonly<Record<string, unknown>>;

const ewma = { ewma: { halfLife: '1s' } };

/**
 * Spec of a policy for tests: careful about placement, in a hurry about time, and silent until somebody asks, so that
 * only what a test does happens.
 */
export function briskSpec(changes: Spec = {}): Spec {
  return { ...brisk, ...changes };
}

/** Nothing waits for anything that ended before. */
export const noCooldown = {
  shard: '0s',
  node: '0s',
  namespace: '0s',
  failure: '1s',
  oscillationWindow: '1s',
};

const brisk: Spec = {
  mode: 'propose',
  dimensions: [
    { name: 'cpu', weight: 2, targetUtilization: 0.75, hardLimit: 0.98, smoothing: ewma },
    { name: 'memory', weight: 1, targetUtilization: 0.85, hardLimit: 1, transient: true, smoothing: ewma },
  ],
  triggers: {
    peakToMean: { enter: 5, clear: 4 },
    overTarget: { enter: 5, clear: 4 },
    distress: { enter: 1, clear: 0.9 },
    confirmation: '1s',
    evaluationInterval: '1s',
    backoff: '1s',
    maxBackoff: '1s',
  },
  budget: { maxMoves: 200, maxShareOfShards: 0.6 },
  concurrency: { namespace: 6, perNodeIn: 2, perNodeOut: 6, perZone: 6 },
  cooldown: noCooldown,
  placement: {
    spread: [{ select: {}, level: 'zone', minDomains: 2, maxPerDomain: 2 }],
    minHealthyReplicas: 2,
  },
  approvals: { required: 1, excludeAuthor: true, tiers: [] },
};

/** Twelve nodes in three zones, uneven enough for a plan. */
export function unevenFleet(timeScale = 60): readonly string[] {
  const size = ['--nodes', '12', '--zones', '3', '--shards', '240', '--replicas', '3'];
  return [...size, '--peak-to-mean', '1.5', '--seed', '7', '--time-scale', String(timeScale)];
}

/** Memory follows no leader: plans consist of copies alone. */
export const byMemoryOnly = [
  { name: 'memory', weight: 1, targetUtilization: 0.5, hardLimit: 1, transient: true, smoothing: ewma },
];

/** The controller looks at a fleet that is as uneven as `unevenFleet`, and soon. */
export const sensitiveTriggers = {
  peakToMean: { enter: 1.25, clear: 1.15 },
  overTarget: { enter: 5, clear: 4 },
  distress: { enter: 1, clear: 0.9 },
  confirmation: '1s',
  evaluationInterval: '1s',
  backoff: '1s',
  maxBackoff: '2s',
};
