import type { Plan } from '../domain/plan.ts';
import type { Terminal } from './cli-context.ts';
import { describeProgress } from './views/plan-view.ts';

/** One line that is drawn over itself, for people; on anything but a terminal it draws nothing. */
export interface ProgressLine {
  show(plan: Plan): void;
  /** Takes the line away, so that other text can be printed. */
  clear(): void;
}

const barWidth = 24;

export function createProgressLine(terminal: Terminal): ProgressLine {
  let shown = false;
  return {
    show(plan) {
      if (!terminal.isInteractive) return;
      const text = `${plan.status} ${bar(plan)} ${describeProgress(plan)}`;
      terminal.error(`\r\u001b[2K${text.slice(0, Math.max(1, terminal.columns - 1))}`);
      shown = true;
    },
    clear() {
      if (!shown) return;
      terminal.error('\r\u001b[2K');
      shown = false;
    },
  };
}

function bar(plan: Plan): string {
  const { done, skipped, failed, aborted } = plan.progress;
  const ended = done + skipped + failed + aborted;
  const filled = plan.summary.moves === 0 ? barWidth : Math.round((barWidth * ended) / plan.summary.moves);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
}
