import type { PlacementPolicy } from '../domain/policy.ts';
import type { ShardTable, Snapshot } from '../domain/snapshot.ts';
import { selectShards } from './shard-selector.ts';

/**
 * Where shards may live at all. Label rules and pins are evaluated once per distinct set of rules that a shard
 * matches, not once per shard: most fleets have a handful of such classes.
 */
export interface PlacementClasses {
  /** Class per shard; class 0 is "anywhere". */
  readonly ofShard: Int32Array;
  readonly classes: readonly PlacementClass[];
  /** 1 per shard that a pin keeps where it is. */
  readonly stays: Uint8Array;
}

export interface PlacementClass {
  /** 1 per node that the rules let; null for every node. */
  readonly allowed: Uint8Array | null;
  /** Paths of the policy's rules: `placement.pins[0]`. */
  readonly rules: readonly string[];
  readonly hasLabel: boolean;
}

interface CompiledRule {
  readonly path: string;
  readonly isLabel: boolean;
  /** 1 per shard that it speaks of; null for all. */
  readonly selected: Uint8Array | null;
  readonly allowed: Uint8Array;
}

/** Compiles the rules; O(shards × rules + classes × nodes). */
export function buildPlacementClasses(snapshot: Snapshot, placement: PlacementPolicy): PlacementClasses {
  const { shards } = snapshot;
  const { ofShard, rulesOf } = classify(compileRules(snapshot, placement), shards.ids.length);
  const classes = rulesOf.map((rules) => intersect(rules, snapshot.nodes.length));
  return { ofShard, classes, stays: shardsThatStay(shards, placement) };
}

/** Splits the shards rule by rule: a class is a set of rules, found by the class before and whether the rule matches. */
function classify(rules: readonly CompiledRule[], shardCount: number) {
  const ofShard = new Int32Array(shardCount);
  const rulesOf: (readonly CompiledRule[])[] = [[]];
  for (const rule of rules) {
    const refined = new Int32Array(rulesOf.length).fill(-1);
    for (let shard = 0; shard < shardCount; shard++) {
      if (rule.selected !== null && rule.selected[shard] === 0) continue;
      const before = ofShard[shard];
      if (refined[before] < 0) refined[before] = rulesOf.push([...rulesOf[before], rule]) - 1;
      ofShard[shard] = refined[before];
    }
  }
  return { ofShard, rulesOf };
}

function shardsThatStay(shards: ShardTable, placement: PlacementPolicy): Uint8Array {
  const stays = new Uint8Array(shards.ids.length);
  for (const pin of placement.pins) {
    if (pin.effect !== 'stay') continue;
    const selected = selectShards(pin.select, shards);
    if (selected === null) return stays.fill(1);
    for (let shard = 0; shard < stays.length; shard++) stays[shard] |= selected[shard];
  }
  return stays;
}

function compileRules(snapshot: Snapshot, placement: PlacementPolicy): CompiledRule[] {
  const labels = placement.labels.map((rule, index): CompiledRule => {
    const values = new Set(rule.values);
    const wanted = rule.effect === 'require';
    return {
      path: `placement.labels[${index}]`,
      isLabel: true,
      selected: selectShards(rule.select, snapshot.shards),
      allowed: Uint8Array.from(snapshot.nodes, (node) => {
        const value = node.labels[rule.label];
        return (value !== undefined && (values.size === 0 || values.has(value))) === wanted ? 1 : 0;
      }),
    };
  });
  const pins = placement.pins.flatMap((rule, index): CompiledRule[] => {
    if (rule.effect === 'stay') return [];
    const named = new Set(rule.nodes);
    const wanted = rule.effect === 'only';
    return [
      {
        path: `placement.pins[${index}]`,
        isLabel: false,
        selected: selectShards(rule.select, snapshot.shards),
        allowed: Uint8Array.from(snapshot.nodes, (node) => (named.has(node.id) === wanted ? 1 : 0)),
      },
    ];
  });
  return [...labels, ...pins];
}

function intersect(rules: readonly CompiledRule[], nodeCount: number): PlacementClass {
  if (rules.length === 0) return { allowed: null, rules: [], hasLabel: false };
  const allowed = new Uint8Array(nodeCount).fill(1);
  for (const rule of rules) for (let n = 0; n < nodeCount; n++) allowed[n] &= rule.allowed[n];
  return { allowed, rules: rules.map((rule) => rule.path), hasLabel: rules.some((rule) => rule.isLabel) };
}
