/**
 * Which batches of a source have come: the greatest sequence, and a bit for each of the `windowSize` below it (the
 * anti-replay window of RFC 4303, section 3.4.3). What is further behind can no longer be told from a repetition.
 */
export interface SequenceWindow {
  look(sequence: number): Arrival;
  /** Marks it; only what `look` calls `next` or `overtaken`. */
  take(sequence: number): void;
  /** The greatest sequence taken; 0 for none. */
  greatest(): number;
  /** Sequences between the first and the greatest one taken that have not come. */
  missing(): number;
}

export type Arrival = 'next' | 'overtaken' | 'duplicate' | 'late';

/** Batches by which one may be overtaken and still be taken. */
export const windowSize = 1_024;

const bitsPerWord = 32;

export function createSequenceWindow(): SequenceWindow {
  const words = new Uint32Array(windowSize / bitsPerWord);
  let first = 0;
  let greatest = 0;
  let missing = 0;

  function has(sequence: number): boolean {
    const bit = sequence % windowSize;
    return ((words[bit >>> 5] >>> (bit & 31)) & 1) === 1;
  }

  function set(sequence: number, value: 0 | 1): void {
    const bit = sequence % windowSize;
    const mask = 1 << (bit & 31);
    words[bit >>> 5] = value === 1 ? words[bit >>> 5] | mask : words[bit >>> 5] & ~mask;
  }

  return {
    look(sequence) {
      if (sequence > greatest) return 'next';
      if (sequence <= greatest - windowSize) return 'late';
      return has(sequence) ? 'duplicate' : 'overtaken';
    },
    take(sequence) {
      if (sequence > greatest) {
        if (sequence - greatest >= windowSize) words.fill(0);
        else for (let passed = greatest + 1; passed < sequence; passed++) set(passed, 0);
        // A source that was known before this service started does not begin at 1.
        if (greatest === 0) first = sequence;
        else missing += sequence - greatest - 1;
        greatest = sequence;
      } else if (sequence > first) missing--;
      set(sequence, 1);
    },
    greatest: () => greatest,
    missing: () => missing,
  };
}
