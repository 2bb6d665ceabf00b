import { createDenseLists } from './dense-lists.ts';

/** Resources by level, from 1 up; those of one level in the order in which they came. */
export interface ResourceRanks {
  /** The highest level that has any, and the highest below another; 0 for none. */
  highest(): number;
  below(level: number): number;
  first(level: number): number;
  next(resource: number): number;
  /** Puts a resource at a level, wherever it was. */
  place(resource: number, level: number): void;
  /** The same, unless it is at that level or a higher one. */
  raise(resource: number, level: number): void;
  remove(resource: number): void;
}

const bitsPerWord = 32;

/** Levels that have resources are bits of words, so that gaps between levels cost a look per 32 of them. */
export function createResourceRanks(resourceCount: number, highestLevel: number): ResourceRanks {
  // Moves that change their source may lift a level beyond what there was at first: those share the highest.
  const lists = createDenseLists(highestLevel + 1, resourceCount);
  const words = new Uint32Array(Math.floor(highestLevel / bitsPerWord) + 1);

  function remove(resource: number): void {
    const level = lists.listOf[resource];
    if (level < 0) return;
    lists.remove(resource);
    if (lists.first[level] < 0) words[level >>> 5] &= ~(1 << (level & 31));
  }

  function place(resource: number, level: number): void {
    remove(resource);
    const capped = Math.max(1, Math.min(level, highestLevel));
    lists.append(capped, resource);
    words[capped >>> 5] |= 1 << (capped & 31);
  }

  function below(level: number): number {
    const bit = level & 31;
    let word = level >>> 5;
    let bits = bit === 0 ? 0 : words[word] & (0xffffffff >>> (bitsPerWord - bit));
    while (bits === 0 && word > 0) {
      word -= 1;
      bits = words[word];
    }
    return bits === 0 ? 0 : word * bitsPerWord + (bitsPerWord - 1 - Math.clz32(bits));
  }

  return {
    highest: () => {
      const top = below(highestLevel);
      return lists.first[highestLevel] >= 0 ? highestLevel : top;
    },
    below,
    first: (level) => lists.first[level],
    next: (resource) => lists.next[resource],
    place,
    raise(resource, level) {
      if (lists.listOf[resource] < Math.min(level, highestLevel)) place(resource, level);
    },
    remove,
  };
}
