/** Values that are looked for first: most nodes above a ceiling get below it with fewer. */
const firstLooked = 4;

/**
 * The fewest of the first `count` values whose sum is at least `need`; `count` when all together are not. Where a few of the
 * largest do not cover it, by selection: the largest values are found without sorting them (Hoare, "Algorithm 65: Find"),
 * O(count) on average. Changes the order of the values.
 */
export function fewestCovering(values: Float64Array, count: number, need: number): number {
  if (!(need > 0)) return 0;
  bringLargestToFront(values, count);
  let sum = 0;
  for (let i = 0; i < firstLooked && i < count; i++) {
    sum += values[i];
    if (sum >= need) return i + 1;
  }
  return bySelection(values, count, need);
}

/** Puts the largest few first, in falling order. */
function bringLargestToFront(values: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const value = values[i];
    let at = i < firstLooked ? i : firstLooked;
    if (at === firstLooked) {
      if (!(value > values[firstLooked - 1])) continue;
      values[i] = values[firstLooked - 1];
      at = firstLooked - 1;
    }
    for (; at > 0 && values[at - 1] < value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
}

function bySelection(values: Float64Array, count: number, need: number): number {
  let low = 0;
  let high = count;
  let rest = need;
  while (low < high) {
    const pivot = medianOfThree(values[low], values[(low + high) >> 1], values[high - 1]);
    // [low, larger) above the pivot, [larger, at) equal to it, [smaller, high) below.
    let larger = low;
    let smaller = high;
    let sum = 0;
    for (let at = low; at < smaller; ) {
      const value = values[at];
      if (value > pivot) {
        sum += value;
        values[at++] = values[larger];
        values[larger++] = value;
      } else if (value < pivot) {
        values[at] = values[--smaller];
        values[smaller] = value;
      } else {
        at++;
      }
    }
    if (sum >= rest) {
      high = larger;
      continue;
    }
    rest -= sum;
    const equal = smaller - larger;
    if (equal * pivot >= rest) return larger + Math.max(1, Math.ceil(rest / pivot));
    rest -= equal * pivot;
    low = smaller;
  }
  return low;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
