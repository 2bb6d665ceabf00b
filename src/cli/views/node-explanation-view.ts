import type { NodeExplanation, NodeLoad, RemainingReplica } from '../../domain/explanation.ts';
import type { Move } from '../../domain/move.ts';
import { formatNumber, formatShare } from '../format.ts';
import type { Style } from '../style.ts';
import { textTable } from '../text-table.ts';
import { visibleText } from '../visible-text.ts';
import { movesTable } from './move-view.ts';
import { row } from './plan-view.ts';

/** What a plan does to a node and why no more, for people. */
export function describeNode(node: NodeExplanation, style: Style): string {
  const state = `node in zone ${node.zone}, ${node.status}, ${node.adminState}`;
  const lines = [
    `${style.strong(visibleText(node.node))}  ${visibleText(state)}`,
    ...stateLines(node),
    row(
      'replicas',
      `${node.replicasBefore} → ${node.replicasAfter}, ${node.leadersBefore} → ${node.leadersAfter} lead`,
    ),
    row('verdict', visibleText(`${node.standing.code}: ${node.standing.message}`)),
  ];
  return [
    `${lines.join('\n')}\n`,
    loadsTable(node.loads),
    movesPart('leaves', node.leaves, node.leavesCount),
    movesPart('arrives', node.arrives, node.arrivesCount),
    remainingPart(node),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function stateLines(node: NodeExplanation): string[] {
  const says = [
    node.mustBeVacated ? 'every replica must leave' : '',
    !node.takesReplicas && !node.mustBeVacated ? 'takes nothing new' : '',
    node.isResting ? 'rests: something moved there recently' : '',
    node.distress > 0 ? `distress ${formatShare(node.distress)}, which derates it` : '',
  ].filter((text) => text !== '');
  return says.length === 0 ? [] : [row('state', says.join('; '))];
}

function loadsTable(loads: readonly NodeLoad[]): string {
  const bound = (value: number): string => (Number.isFinite(value) ? formatNumber(value) : '-');
  return textTable<NodeLoad>(
    [
      { title: 'DIMENSION', value: ({ dimension }) => dimension },
      { title: 'BEFORE', align: 'right', value: ({ before }) => formatNumber(before) },
      { title: 'AFTER', align: 'right', value: ({ after }) => formatNumber(after) },
      { title: 'FAIR SHARE', align: 'right', value: ({ fairShare }) => formatNumber(fairShare) },
      { title: 'TARGET', align: 'right', value: ({ target }) => bound(target) },
      { title: 'LIMIT', align: 'right', value: ({ limit }) => bound(limit) },
      { title: 'CAPACITY', align: 'right', value: ({ capacity }) => formatNumber(capacity) },
    ],
    loads,
  );
}

function movesPart(title: string, moves: readonly Move[], count: number): string {
  if (count === 0) return `${title}: nothing\n`;
  const hidden = count - moves.length;
  const more = hidden > 0 ? `... and ${hidden} more (--limit)\n` : '';
  return `${title}: ${count}\n${movesTable(moves.map((move) => ({ move, progress: undefined })))}${more}`;
}

function remainingPart({ dimensions, stays, staysCount }: NodeExplanation): string {
  if (staysCount === 0) return 'stays: nothing\n';
  const table = textTable<RemainingReplica>(
    [
      { title: 'SHARD', value: ({ shard, replica, leads }) => `${shard}#${replica}${leads ? '*' : ''}` },
      ...dimensions.map((dimension, d) => ({
        title: dimension.toUpperCase(),
        align: 'right' as const,
        value: ({ load }: RemainingReplica) => formatNumber(load[d] ?? 0),
      })),
      { title: 'STAYS BECAUSE', value: ({ stay }) => `${stay.code}: ${stay.message}` },
    ],
    stays,
  );
  const hidden = staysCount - stays.length;
  const more = hidden > 0 ? `... and ${hidden} smaller (--limit)\n` : '';
  return `stays: ${staysCount}, the largest first\n${table}${more}`;
}
