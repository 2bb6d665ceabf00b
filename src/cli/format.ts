import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { formatDuration } from '../base/duration.ts';

/** `1.5 GiB`, `320 MiB`, `12 B`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `12.5%`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** How long ago: `3m12s`; `-` for never. */
export function formatAge(at: Timestamp | undefined, nowMs: number): string {
  if (!at || at.seconds === 0n) return '-';
  return formatDuration(Math.max(0, Math.round((nowMs - timestampMs(at)) / 1000) * 1000));
}

/** ISO 8601 to the second; `-` for never. */
export function formatTime(at: Timestamp | undefined): string {
  if (!at || at.seconds === 0n) return '-';
  return new Date(timestampMs(at)).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** Numbers as people read them: at most four significant digits. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** The first characters of a digest, enough to recognise and to name it. */
export function shortDigest(digest: string): string {
  return digest.startsWith('sha256:') ? digest.slice(0, 19) : digest;
}
