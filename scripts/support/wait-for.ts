/** Between two questions: short beside what is waited for, long beside what asking costs. */
const defaultPauseMs = 200;

/** Asks again and again until the answer is yes; throws after `limitMs`. */
export async function waitFor(
  what: string,
  limitMs: number,
  ask: () => Promise<boolean> | boolean,
  pauseMs = defaultPauseMs,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
    await Bun.sleep(pauseMs);
  }
}
