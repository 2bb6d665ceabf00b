import { readFileSync } from 'node:fs';

const bytesPerKib = 1_024;

/**
 * The most memory that this process has had in use, in bytes. The kernel's high-water mark where there is one, because
 * `getrusage` starts at what the parent had when it forked; in kibibytes both.
 */
export function peakRssBytes(): number {
  const mark = /^VmHWM:\s+(\d+) kB$/m.exec(statusOfProcess())?.[1];
  return Number(mark ?? process.resourceUsage().maxRSS) * bytesPerKib;
}

function statusOfProcess(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
