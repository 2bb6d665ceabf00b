/** The one source of randomness: seeded, so that the same seed gives the same run on every machine. */
export interface Random {
  /** A number in [0, 1) with 32 random bits. */
  next(): number;
  /** An integer in [0, bound); `bound` from 1 to 2^32. */
  integer(bound: number): number;
  /** A normally distributed number (Box-Muller). */
  normal(mean: number, deviation: number): number;
  /** A generator of its own whose stream does not depend on how much of this one is used. */
  fork(label: string): Random;
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand): four 32-bit words, passes PractRand and BigCrush, a handful of integer
 * operations per number.
 */
export function createRandom(seed: number | string): Random {
  const text = String(seed);
  let a = hash(text, 0x9e3779b9);
  let b = hash(text, 0x243f6a88);
  let c = hash(text, 0xb7e15162);
  let counter = 1;

  function bits(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  }
  // The first numbers of a fresh state still resemble the seed.
  for (let round = 0; round < 12; round++) bits();

  const next = (): number => bits() / 4_294_967_296;
  return {
    next,
    integer: (bound) => Math.floor(next() * bound),
    normal(mean, deviation) {
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return mean + deviation * radius * Math.cos(2 * Math.PI * next());
    },
    fork: (label) => createRandom(`${text}/${label}`),
  };
}

/** FNV-1a with a chosen start and a final avalanche (murmur3's). */
function hash(text: string, start: number): number {
  let h = start | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
