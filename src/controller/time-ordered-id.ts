import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeDigits = 10;
const randomDigits = 16;

/**
 * Makes ids in the form of ULIDs (github.com/ulid/spec): ten base-32 digits of the time in milliseconds, then
 * sixteen random ones; two ids of the same millisecond differ in a tail that rises. Sorting ids as texts sorts them
 * by age, also when the clock steps back.
 */
export function createIdMaker(clock: Clock, random: Random): () => string {
  let lastTime = -1;
  let tail: number[] = [];
  return () => {
    const now = Math.max(clock.now(), lastTime);
    if (now === lastTime) increment(tail);
    else tail = Array.from({ length: randomDigits }, (_, place) => random.integer(place === 0 ? 16 : 32));
    lastTime = now;
    return timeText(now) + tail.map((digit) => alphabet.charAt(digit)).join('');
  };
}

/** The first digit starts below 16, so that 2^79 ids of one millisecond fit before it overflows. */
function increment(digits: number[]): void {
  for (let place = digits.length - 1; place >= 0; place--) {
    const digit = digits[place] ?? 0;
    digits[place] = (digit + 1) % 32;
    if (digit < 31) return;
  }
}

function timeText(ms: number): string {
  let rest = ms;
  let text = '';
  for (let place = 0; place < timeDigits; place++) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
