import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { isDowngradeReason } from '../../domain/transport-downgrade.ts';
import { memoryOver, memoryTtlMs, type Remembered, type TransportMemory } from './transport-memory.ts';

/** Bytes; a file that is larger is not ours. */
const maxFileBytes = 64 * 1024;

/**
 * A memory that outlives the process: `{"origins": {"https://...": {"reason": "udp_blocked", "until": 1700000000000}}}`.
 * A file that is missing, broken or not writable makes the client slower and nothing else. It is written whole, beside its
 * place first; of two processes that write at once, one is forgotten.
 */
export function createTransportMemoryFile(path: string, clock: Clock): TransportMemory {
  return memoryOver(
    clock,
    () => readEntries(path, clock.now()),
    (entries) => writeEntries(path, entries),
  );
}

function readEntries(path: string, now: number): Map<string, Remembered> {
  try {
    const text = readFileSync(path, 'utf8');
    const entries = new Map<string, Remembered>();
    if (text.length > maxFileBytes) return entries;
    const { origins } = JSON.parse(text) as { origins?: Record<string, Partial<Remembered>> };
    for (const [origin, { reason, until }] of Object.entries(origins ?? {})) {
      // A time far ahead is from another clock; it must not keep HTTP/3 off for years.
      if (isDowngradeReason(reason) && typeof until === 'number' && until <= now + memoryTtlMs)
        entries.set(origin, { reason, until });
    }
    return entries;
  } catch {
    return new Map();
  }
}

function writeEntries(path: string, entries: ReadonlyMap<string, Remembered>): void {
  const draft = `${path}.${process.pid}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, `${JSON.stringify({ origins: Object.fromEntries(entries) })}\n`);
    renameSync(draft, path);
  } catch {
    rmSync(draft, { force: true });
  }
}
