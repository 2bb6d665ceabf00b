import type { Verdict } from '../domain/verdict.ts';

/**
 * Which verdicts are worth telling watchers: a guardrail that begins to hold moves back, and again when it still does
 * after a while; not every look at every move. Bounded by the number of codes.
 */
export interface VerdictNotices {
  isNews(verdict: Verdict, at: number): boolean;
}

/** The same code is told again after this long, milliseconds. */
export const noticeIntervalMs = 30_000;

export function createVerdictNotices(): VerdictNotices {
  const told = new Map<string, number>();
  return {
    isNews(verdict, at) {
      const key = `${verdict.code} ${verdict.decision}`;
      const last = told.get(key);
      if (last !== undefined && at - last < noticeIntervalMs) return false;
      told.set(key, at);
      return true;
    },
  };
}
