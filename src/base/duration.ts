import { err, ok, type Result } from './result.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `250ms`, `30s`, `1m30s`, `2h`, `1d` into milliseconds; the error says what was wrong with the text. */
export function parseDuration(text: string): Result<number, string> {
  const pattern = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy;
  let total = 0;
  let end = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    total += Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN);
    end = pattern.lastIndex;
  }
  if (end === 0 || end !== text.length || !Number.isFinite(total)) {
    return err(`"${text}" is not a duration; write for instance 250ms, 30s, 1m30s or 2h`);
  }
  return ok(total);
}

/** The shortest exact text with at most two units: 90_000 → `1m30s`, 1_500 → `1.5s`, 250 → `250ms`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '∞';
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))}s`;
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ];
  const first = units.findIndex(([, size]) => ms >= size);
  const [bigName, bigSize] = units[first] ?? ['s', 1_000];
  const small = units[first + 1];
  const whole = Math.floor(ms / bigSize);
  const rest = small ? Math.floor((ms - whole * bigSize) / small[1]) : 0;
  return rest > 0 && small ? `${whole}${bigName}${rest}${small[0]}` : `${whole}${bigName}`;
}
