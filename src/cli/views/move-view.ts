import type { Move, MoveProgress, MoveReason } from '../../domain/move.ts';
import type { Obstacle } from '../../domain/plan.ts';
import { formatBytes, formatNumber } from '../format.ts';
import { textTable } from '../text-table.ts';

export interface MoveRow {
  readonly move: Move;
  readonly progress: MoveProgress | undefined;
}

export function movesTable(rows: readonly MoveRow[]): string {
  return textTable<MoveRow>(
    [
      { title: 'MOVE', value: ({ move }) => move.id },
      { title: 'WAVE', align: 'right', value: ({ move }) => String(move.wave + 1) },
      { title: 'SHARD', value: ({ move }) => `${move.shard}#${move.replica}${move.leads ? '*' : ''}` },
      { title: 'FROM', value: ({ move }) => move.source },
      { title: 'TO', value: ({ move }) => move.destination },
      {
        title: 'COPIES',
        align: 'right',
        value: ({ move }) => (move.kind === 'relocate' ? formatBytes(move.bytes) : 'lead only'),
      },
      { title: 'GAIN', align: 'right', value: ({ move }) => formatNumber(move.gain) },
      { title: 'PRICE', align: 'right', value: ({ move }) => formatNumber(move.price) },
      { title: 'STATE', value: ({ progress }) => describeState(progress) },
      { title: 'WHY', value: ({ move }) => (move.reasons[0] ? describeReason(move.reasons[0]) : '') },
    ],
    rows,
  );
}

function describeState(progress: MoveProgress | undefined): string {
  if (!progress) return '-';
  if (progress.state === 'running' && progress.step) return `running: ${progress.step}`;
  return progress.failure ? `${progress.state}: ${progress.failure.code}` : progress.state;
}

/** `overTarget node/n3 cpu 11.2 → 9.6 (limit 8)`. */
export function describeReason(reason: MoveReason): string {
  const dimension = reason.dimension ? ` ${reason.dimension}` : '';
  const numbers =
    reason.before === reason.after ? '' : ` ${formatNumber(reason.before)} → ${formatNumber(reason.after)}`;
  const limit = reason.limit === 0 ? '' : ` (limit ${formatNumber(reason.limit)})`;
  return `${reason.code} ${reason.subject}${dimension}${numbers}${limit}`;
}

export function obstaclesTable(obstacles: readonly Obstacle[]): string {
  return textTable<Obstacle>(
    [
      { title: 'NOT DONE BECAUSE', value: (each) => each.code },
      { title: 'SUBJECT', value: (each) => each.subject },
      { title: 'WHAT', value: (each) => each.message },
    ],
    obstacles,
  );
}
