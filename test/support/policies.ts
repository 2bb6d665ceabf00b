import { cluster, namespace } from './world.ts';

/** A policy for short tests: no waiting, one other person approves, the controller leaves the fleet alone. */
export function quickPolicy(more = ''): string {
  return `apiVersion: meshkit.rebalancer/v1
kind: Policy
cluster: ${cluster}
namespace: ${namespace}
spec:
  mode: propose
  dimensions:
    - { name: cpu, weight: 1, targetUtilization: 0.8, hardLimit: 0.98 }
    - { name: memory, weight: 1, targetUtilization: 0.9, hardLimit: 1, transient: true }
  triggers:
    peakToMean: { enter: 9, clear: 8 }
    overTarget: { enter: 9, clear: 8 }
    distress: { enter: 1, clear: 0.9 }
    confirmation: 1s
    evaluationInterval: 1s
  budget: { maxMoves: 200, maxShareOfShards: 1 }
  concurrency: { namespace: 3, perNodeIn: 2, perNodeOut: 2, perZone: 3 }
  cooldown: { shard: 0s, node: 0s, namespace: 0s, failure: 1s, oscillationWindow: 1s }
  placement:
    minHealthyReplicas: 2
    spread: [{ select: {}, level: zone, minDomains: 2, maxPerDomain: 2 }]
  approvals: { required: 1, excludeAuthor: true, tiers: [] }
${more}`;
}
