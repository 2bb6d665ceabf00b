import type { Random } from '../base/random.ts';
import type { Node } from '../domain/node.ts';
import { signals } from '../domain/signals.ts';
import type { ScoringAdapter, ScoringContext } from './scoring-adapter.ts';

/** A generated fleet to try an adapter on. */
export interface SampleFleet {
  /** For messages: `fleet 7 (5 nodes)`. */
  readonly label: string;
  readonly content: Omit<ScoringContext, 'parameters'>;
}

const dimensions = [
  { name: 'cpu', unit: 'cores' },
  { name: 'memory', unit: 'GiB' },
];
/** Nodes of a generated fleet: enough for a median and ties, few enough to read. */
const maxNodes = 12;
/** Values that formulas stumble over: nothing, the smallest and the largest number, and equal ones. */
const extremes = [0, Number.MIN_VALUE, 1e-9, 1, 1, 1e9, Number.MAX_VALUE];

/** Nodes with ordinary and extreme values; some lack a signal that the adapter needs, some lack all. */
export function fleetOf(adapter: ScoringAdapter, random: Random, number: number): SampleFleet {
  const count = 1 + random.integer(maxNodes);
  const names = [...new Set([...adapter.needs, ...Object.values(signals)])];
  const nodes = Array.from({ length: count }, (_, n) => nodeOf(n, adapter, names, random));
  const nodeLoads = Float64Array.from({ length: count * dimensions.length }, () => amountOf(random));
  return { label: `fleet ${number} (${count} nodes)`, content: { nodes, dimensions, nodeLoads } };
}

/** The same fleet in another order; `order[i]` is where the node at `i` was before. */
export function shuffledFleet(
  fleet: SampleFleet,
  random: Random,
): { readonly shuffled: SampleFleet; readonly order: Int32Array } {
  const { nodes, nodeLoads } = fleet.content;
  const order = Int32Array.from(nodes, (_, n) => n);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  const width = dimensions.length;
  const content = {
    dimensions,
    nodes: Array.from(order, (n) => nodes[n]),
    nodeLoads: Float64Array.from(
      nodeLoads,
      (_, i) => nodeLoads[order[Math.floor(i / width)] * width + (i % width)],
    ),
  };
  return { shuffled: { label: fleet.label, content }, order };
}

/** Makes writing into the nodes throw; typed arrays cannot be frozen and are compared instead. */
export function freezeFleet(fleet: SampleFleet): void {
  for (const node of fleet.content.nodes) {
    Object.freeze(node.signals);
    Object.freeze(node.capacity);
    Object.freeze(node.labels);
    Object.freeze(node);
  }
  Object.freeze(fleet.content.nodes);
}

function nodeOf(n: number, adapter: ScoringAdapter, names: readonly string[], random: Random): Node {
  const lacks = random.integer(5) === 0 ? adapter.needs[random.integer(adapter.needs.length + 1)] : undefined;
  const lacksAll = random.integer(10) === 0;
  const known = lacksAll ? [] : names.filter((name) => name !== lacks);
  return {
    id: `node-${n}`,
    region: 'region-1',
    zone: `zone-${n % 3}`,
    rack: `rack-${n % 5}`,
    labels: {},
    weight: 1,
    status: random.integer(8) === 0 ? 'suspect' : 'alive',
    adminState: 'active',
    capacity: dimensions.map(() => amountOf(random)),
    signals: Object.fromEntries(known.map((name) => [name, amountOf(random)])),
  };
}

/** Mostly an ordinary amount, sometimes an extreme one; always finite and at least 0, as snapshots promise. */
function amountOf(random: Random): number {
  if (random.integer(4) === 0) return extremes[random.integer(extremes.length)] ?? 0;
  return 10 ** (random.next() * 6 - 3);
}
