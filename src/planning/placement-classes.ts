import type { PlacementPolicy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { compileSelector } from './shard-selector.ts';

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
  readonly matches: (shard: string, group: string) => boolean;
  readonly allowed: Uint8Array;
}

/** Compiles the rules; O(shards × rules + classes × nodes). */
export function buildPlacementClasses(snapshot: Snapshot, placement: PlacementPolicy): PlacementClasses {
  const shards = snapshot.shards;
  const rules = compileRules(snapshot, placement);
  const ofShard = new Int32Array(shards.ids.length);
  const stays = new Uint8Array(shards.ids.length);
  const classes: PlacementClass[] = [{ allowed: null, rules: [], hasLabel: false }];
  const stayMatchers = placement.pins
    .filter((pin) => pin.effect === 'stay')
    .map((pin) => compileSelector(pin.select));
  if (rules.length === 0 && stayMatchers.length === 0) return { ofShard, classes, stays };
  const byKey = new Map<string, number>([['', 0]]);
  for (let s = 0; s < shards.ids.length; s++) {
    const id = shards.ids[s];
    const group = shards.groupNames[shards.groups[s]] ?? '';
    const matching = rules.filter((rule) => rule.matches(id, group));
    const key = matching.map((rule) => rule.path).join(' ');
    let index = byKey.get(key);
    if (index === undefined) {
      index = classes.length;
      byKey.set(key, index);
      classes.push(intersect(matching, snapshot.nodes.length));
    }
    ofShard[s] = index;
    if (stayMatchers.some((matches) => matches(id, group))) stays[s] = 1;
  }
  return { ofShard, classes, stays };
}

function compileRules(snapshot: Snapshot, placement: PlacementPolicy): CompiledRule[] {
  const labels = placement.labels.map((rule, index): CompiledRule => {
    const values = new Set(rule.values);
    const wanted = rule.effect === 'require';
    return {
      path: `placement.labels[${index}]`,
      isLabel: true,
      matches: compileSelector(rule.select),
      allowed: Uint8Array.from(snapshot.nodes, (node) => {
        const value = node.labels[rule.label];
        return (value !== undefined && values.has(value)) === wanted ? 1 : 0;
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
        matches: compileSelector(rule.select),
        allowed: Uint8Array.from(snapshot.nodes, (node) => (named.has(node.id) === wanted ? 1 : 0)),
      },
    ];
  });
  return [...labels, ...pins];
}

function intersect(rules: readonly CompiledRule[], nodeCount: number): PlacementClass {
  const allowed = new Uint8Array(nodeCount).fill(1);
  for (const rule of rules) for (let n = 0; n < nodeCount; n++) allowed[n] &= rule.allowed[n];
  return { allowed, rules: rules.map((rule) => rule.path), hasLabel: rules.some((rule) => rule.isLabel) };
}
