import { err, ok, type Result } from '../base/result.ts';
import type { ScoringAdapterPolicy, ScoringPolicy } from '../domain/policy.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { AdapterScore, NodeScores } from './node-scores.ts';
import type { ScoringAdapter, ScoringOutcome } from './scoring-adapter.ts';

/**
 * Runs the adapters that the policy names, with a weight above 0, and combines what they say per node:
 * distress below the policy's floor counts as 0; then, over the adapters that scored the node,
 * - max: the largest weight × distress,
 * - weightedMean: sum of weight × distress over the sum of weights,
 * - noisyOr: 1 - product of (1 - weight × distress),
 * each kept within 0..1. A node that no adapter scored has distress 0: unknown is not unwell; missing telemetry is
 * judged by the snapshot's completeness.
 *
 * Problems: POLICY_ADAPTER_UNKNOWN, POLICY_ADAPTER_PARAMETER, SCORING_MODULE_INVALID when an adapter throws or
 * answers columns of the wrong length.
 */
export function scoreNodes(
  snapshot: Snapshot,
  policy: ScoringPolicy,
  adapters: readonly ScoringAdapter[],
): Result<NodeScores, readonly Problem[]> {
  const problems: Problem[] = [];
  const results: AdapterResult[] = [];
  const loads = loadsOfNodes(snapshot);
  for (const [index, chosen] of policy.adapters.entries()) {
    if (chosen.weight === 0) continue;
    const adapter = adapters.find((each) => each.name === chosen.name);
    if (!adapter) {
      problems.push(unknownAdapter(chosen.name, index, adapters));
      continue;
    }
    const result = runAdapter(snapshot, loads, adapter, chosen, index);
    if (result.ok) results.push(result.value);
    else problems.push(...result.error);
  }
  if (problems.length > 0) return err(problems);
  return ok(combineAll(snapshot, policy, results));
}

interface AdapterResult {
  readonly adapter: ScoringAdapter;
  readonly chosen: ScoringAdapterPolicy;
  readonly outcome: ScoringOutcome;
}

/** nodes × dimensions, row per node: the sum of the loads of the replicas on it. */
function loadsOfNodes(snapshot: Snapshot): Float64Array {
  const width = snapshot.dimensions.length;
  const loads = new Float64Array(snapshot.nodes.length * width);
  const { replicaNodes, replicaLoads } = snapshot.shards;
  for (let row = 0; row < replicaNodes.length; row++) {
    const node = replicaNodes[row] * width;
    for (let d = 0; d < width; d++) loads[node + d] += replicaLoads[row * width + d];
  }
  return loads;
}

function runAdapter(
  snapshot: Snapshot,
  loads: Float64Array,
  adapter: ScoringAdapter,
  chosen: ScoringAdapterPolicy,
  index: number,
): Result<AdapterResult, readonly Problem[]> {
  const problems = parameterProblems(adapter, chosen, index);
  if (problems.length > 0) return err(problems);
  const parameters = Object.fromEntries(
    adapter.parameters.map((each) => [each.name, chosen.parameters[each.name] ?? each.default]),
  );
  try {
    // A copy per adapter: one that writes into it harms only itself.
    const context = {
      nodes: snapshot.nodes,
      dimensions: snapshot.dimensions,
      nodeLoads: loads.slice(),
      parameters,
    };
    const outcome = adapter.score(context);
    const nodes = snapshot.nodes.length;
    if (outcome.distress.length !== nodes || outcome.evidence.length !== nodes) {
      return err([badAdapter(adapter, `answered ${outcome.distress.length} scores for ${nodes} nodes`)]);
    }
    return ok({ adapter, chosen, outcome });
  } catch (error) {
    return err([badAdapter(adapter, `threw: ${error instanceof Error ? error.message : String(error)}`)]);
  }
}

/** Parameters that the adapter does not list, or outside what it allows. */
export function parameterProblems(
  adapter: ScoringAdapter,
  chosen: ScoringAdapterPolicy,
  index: number,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(chosen.parameters)) {
    const known = adapter.parameters.find((each) => each.name === name);
    if (known && value >= known.minimum && value <= known.maximum) continue;
    const limit = known
      ? `${known.minimum} to ${known.maximum} ${known.unit}`
      : adapter.parameters.map((each) => each.name).join(', ') || 'no parameters';
    problems.push({
      code: 'POLICY_ADAPTER_PARAMETER',
      message: known
        ? `${name} of the scoring adapter ${adapter.name} is ${value}, outside ${limit}`
        : `the scoring adapter ${adapter.name} has no parameter ${name}`,
      field: `scoring.adapters[${index}].parameters.${name}`,
      value,
      limit,
    });
  }
  return problems;
}

function combineAll(
  snapshot: Snapshot,
  policy: ScoringPolicy,
  results: readonly AdapterResult[],
): NodeScores {
  const distress = new Float64Array(snapshot.nodes.length);
  const nodes = snapshot.nodes.map((node, n) => {
    const scores = results.map((result) => scoreOf(result, n));
    distress[n] = combine(policy, results, scores);
    return { node: node.id, distress: distress[n], adapters: scores };
  });
  return { distress, nodes };
}

function scoreOf({ adapter, chosen, outcome }: AdapterResult, n: number): AdapterScore {
  const raw = outcome.distress[n];
  const evidence = outcome.evidence[n];
  return {
    adapter: adapter.name,
    weight: chosen.weight,
    // Infinities and numbers outside the range come only from adapters that break the contract.
    distress: Number.isNaN(raw) ? null : clampShare(raw),
    evidence: Number.isFinite(evidence) ? evidence : null,
    evidenceUnit: outcome.evidenceUnit,
  };
}

function combine(
  policy: ScoringPolicy,
  results: readonly AdapterResult[],
  scores: readonly AdapterScore[],
): number {
  let most = 0;
  let sum = 0;
  let weights = 0;
  let wellness = 1;
  for (const [index, score] of scores.entries()) {
    if (score.distress === null) continue;
    const floor = results[index]?.chosen.floor ?? 0;
    const counted = score.distress < floor ? 0 : score.distress;
    const weighted = score.weight * counted;
    most = Math.max(most, weighted);
    sum += weighted;
    weights += score.weight;
    wellness *= 1 - clampShare(weighted);
  }
  if (policy.combine === 'max') return clampShare(most);
  if (policy.combine === 'noisyOr') return clampShare(1 - wellness);
  return weights === 0 ? 0 : clampShare(sum / weights);
}

function clampShare(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function unknownAdapter(name: string, index: number, adapters: readonly ScoringAdapter[]): Problem {
  return {
    code: 'POLICY_ADAPTER_UNKNOWN',
    message: `the policy names the scoring adapter ${name}, which is not loaded`,
    field: `scoring.adapters[${index}].name`,
    value: name,
    limit: adapters.map((each) => each.name).join(', '),
  };
}

function badAdapter(adapter: ScoringAdapter, what: string): Problem {
  return {
    code: 'SCORING_MODULE_INVALID',
    message: `the scoring adapter ${adapter.name} ${what}`,
    subject: `adapter/${adapter.name}`,
  };
}
