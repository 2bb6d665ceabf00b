import type {
  DestinationSurvey,
  Explanation,
  PlacementOption,
  ReplicaExplanation,
  ShardExplanation,
  StayReason,
} from '../../domain/explanation.ts';
import type { Move } from '../../domain/move.ts';
import { formatBytes, formatNumber } from '../format.ts';
import type { Style } from '../style.ts';
import { textTable } from '../text-table.ts';
import { visibleText } from '../visible-text.ts';
import { describeReason } from './move-view.ts';
import { describeNode } from './node-explanation-view.ts';
import { row } from './plan-view.ts';

/** Why, for people. */
export function describeExplanation(explanation: Explanation, style: Style): string {
  return explanation.kind === 'shard'
    ? describeShard(explanation.shard, style)
    : describeNode(explanation.node, style);
}

function describeShard(shard: ShardExplanation, style: Style): string {
  const group = shard.group === '' ? '' : ` of group ${shard.group}`;
  const head = `${style.strong(visibleText(shard.shard))}  ${visibleText(`shard${group}, ${shard.status}, ${shard.replicas.length} replicas`)}`;
  const parts = shard.replicas.map((replica) => describeReplica(shard, replica, style));
  const moved = shard.replicas.some((each) => each.leadsBefore !== each.leadsAfter);
  if (moved && shard.leadership.length > 0) {
    const table = optionsTable('WOULD LEAD', shard.leadership);
    parts.push(
      `${style.strong('leadership')}  what another leader would gain, with the plan's moves made\n${table}`,
    );
  }
  return `${head}\n\n${parts.join('\n')}`;
}

function describeReplica(shard: ShardExplanation, replica: ReplicaExplanation, style: Style): string {
  const where =
    replica.before === replica.after
      ? `stays on ${replica.after}`
      : `goes from ${replica.before} to ${replica.after}`;
  const leads = replica.leadsAfter ? ', leads' : replica.leadsBefore ? ', no longer leads' : '';
  const lines = [
    `${style.strong(`replica ${replica.replica}`)}  ${visibleText(where)}${leads}`,
    row('carries', visibleText(`${loadText(shard.dimensions, replica.load)}; ${formatBytes(replica.bytes)}`)),
    ...replica.moves.flatMap(moveLines),
    ...(replica.stay ? [row('stays since', visibleText(stayText(replica.stay)))] : []),
    row('others', surveyText(replica.survey)),
  ];
  const { options } = replica.survey;
  const table = options.length > 0 ? optionsTable('INSTEAD', options) : '';
  return `${lines.join('\n')}\n${table}`;
}

/** `cpu 3.2, disk 110`. */
export function loadText(dimensions: readonly string[], load: readonly number[]): string {
  return dimensions.map((dimension, d) => `${dimension} ${formatNumber(load[d] ?? 0)}`).join(', ');
}

function moveLines(move: Move): string[] {
  const what =
    move.kind === 'relocate'
      ? `${move.source} → ${move.destination}`
      : `leadership from replica ${move.replica} on ${move.source} to replica ${move.successor} on ${move.destination}`;
  const worth = `gains ${formatNumber(move.gain)} at a price of ${formatNumber(move.price)}`;
  return [
    row(move.id, visibleText(`${what} in wave ${move.wave + 1}: ${worth}`)),
    ...move.reasons.map((reason, index) =>
      row(index === 0 ? 'because' : '', visibleText(describeReason(reason))),
    ),
  ];
}

/** `capacity: node n3 would be better by 0.1, but it would carry ...`. */
export function stayText(stay: StayReason): string {
  return `${stay.code}: ${stay.message}`;
}

function surveyText({ asked, allowed, better, refusals }: DestinationSurvey): string {
  if (asked === 0) return 'there is no other node';
  const refused = refusals.map(({ rule, nodes }) => `${nodes} by ${rule}`).join(', ');
  const wanted = better === 0 ? 'none would be better' : `${better} would be better`;
  return visibleText(
    `${asked} nodes asked, ${wanted}, ${allowed} allowed${refused === '' ? '' : `, refused: ${refused}`}`,
  );
}

function optionsTable(title: string, options: readonly PlacementOption[]): string {
  return textTable<PlacementOption>(
    [
      { title: `  ${title}`, value: ({ node, isHome }) => `  ${node}${isHome ? ' (as before)' : ''}` },
      { title: 'GAIN', align: 'right', value: ({ gain }) => signed(gain) },
      { title: 'PRICE', align: 'right', value: ({ price }) => formatNumber(price) },
      { title: 'SAYS', value: optionText },
    ],
    options,
  );
}

function optionText({ gain, refusals }: PlacementOption): string {
  if (refusals.length > 0) return refusals.map(({ code, message }) => `${code}: ${message}`).join('; ');
  return gain > 0 ? 'allowed' : 'allowed, and not better';
}

/** With its sign, so that gains and losses are told apart at a glance. */
export function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${formatNumber(value)}`;
}
