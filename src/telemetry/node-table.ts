import type { PeerSample } from '../domain/telemetry-sample.ts';

/** Every node that a peer sample or a replica names, numbered with slots; names of replicas may come first. */
export interface NodeTable {
  /** The slot of the node, a new one when it has none; -1 when the table is full. */
  intern(node: string): number;
  slotOf(node: string): number | undefined;
  /** The newest sample of the node in the slot; undefined when only replicas named it. */
  sample(slot: number): PeerSample | undefined;
  setSample(slot: number, sample: PeerSample): void;
  /** Forgets the node; its slot goes to another. Nothing may refer to it any more. */
  forget(slot: number): void;
  /** Slots of all nodes with a sample, sorted by the code units of their ids. */
  sorted(): readonly number[];
  /** Slots run from 0 up to but excluding this. */
  slotEnd(): number;
  name(slot: number): string | undefined;
}

/** Names of nodes held; far above any fleet, so that a source gone wild cannot take the memory. */
export const maxNodes = 262_144;

export function createNodeTable(): NodeTable {
  const slots = new Map<string, number>();
  const names: (string | undefined)[] = [];
  const samples: (PeerSample | undefined)[] = [];
  const free: number[] = [];
  let order: readonly number[] | undefined;

  return {
    intern(node) {
      const known = slots.get(node);
      if (known !== undefined) return known;
      if (slots.size >= maxNodes) return -1;
      const slot = free.pop() ?? names.length;
      slots.set(node, slot);
      names[slot] = node;
      samples[slot] = undefined;
      return slot;
    },
    slotOf: (node) => slots.get(node),
    sample: (slot) => samples[slot],
    setSample(slot, sample) {
      if (samples[slot] === undefined) order = undefined;
      samples[slot] = sample;
    },
    forget(slot) {
      const name = names[slot];
      if (name === undefined) return;
      slots.delete(name);
      names[slot] = undefined;
      samples[slot] = undefined;
      free.push(slot);
      order = undefined;
    },
    sorted() {
      order ??= sortedSlots(samples);
      return order;
    },
    slotEnd: () => names.length,
    name: (slot) => names[slot],
  };
}

function sortedSlots(samples: readonly (PeerSample | undefined)[]): readonly number[] {
  const known: { slot: number; id: string }[] = [];
  for (const [slot, sample] of samples.entries()) if (sample) known.push({ slot, id: sample.node });
  known.sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0));
  return known.map((each) => each.slot);
}
