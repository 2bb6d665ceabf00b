import type { PlanSummary } from '../../domain/plan.ts';
import type { FleetStanding, WhatIfAnswer } from '../../domain/what-if-answer.ts';
import { formatBytes, formatShare, shortDigest } from '../format.ts';
import type { Style } from '../style.ts';
import { visibleText } from '../visible-text.ts';
import { movesTable, obstaclesTable } from './move-view.ts';
import { formatRange, quality, row, verdictLines } from './plan-view.ts';

/** Obstacles that are listed. */
const obstaclesShown = 5;

/**
 * What would be different, for people: the fleet of today, the fleet as it would be, and that fleet with the plan.
 *
 * @param movesShown moves to list
 */
export function describeWhatIf(answer: WhatIfAnswer, style: Style, movesShown: number): string {
  const { summary, today, supposed } = answer;
  const lines = [
    `${style.strong('what-if')}  ${visibleText(`${answer.kind} of ${answer.namespace} (cluster ${answer.cluster})`)}: nothing is touched, nothing can be approved`,
    ...changeLines(answer),
    row('nodes', `${nodesOf(today)} → ${nodesOf(supposed)}${toVacate(supposed)}`),
    ...balanceLines(answer),
    row('plan', planLine(summary)),
    row('quality', quality(summary)),
    row('approval', approval(answer)),
    ...verdictLines(answer.verdicts, style),
    row(
      'inputs',
      `policy revision ${answer.policyRevision}${answer.policyChanged ? ' with the overlay' : ''}, snapshot ${shortDigest(answer.snapshotDigest)}, seed ${answer.seed}`,
    ),
  ];
  const parts = [`${lines.join('\n')}\n`];
  const shown = answer.moves.slice(0, movesShown);
  if (shown.length > 0) parts.push(movesTable(shown.map((move) => ({ move, progress: undefined }))));
  const hidden = summary.moves - shown.length;
  const more = hidden > 0 ? `... and ${hidden} more (-o json)\n` : '';
  if (answer.obstacles.length > 0) {
    parts.push(obstaclesTable(answer.obstacles.slice(0, obstaclesShown)));
  }
  return parts.length === 1
    ? parts.join('')
    : `${parts[0]}\n${parts[1]}${more}${parts
        .slice(2)
        .map((part) => `\n${part}`)
        .join('')}`;
}

function changeLines({ changes, policyChanged }: WhatIfAnswer): string[] {
  const all = [...changes, ...(policyChanged ? ['another policy'] : [])];
  if (all.length === 0) return [row('if', 'everything stayed as it is')];
  return all.map((change, index) => row(index === 0 ? 'if' : '', visibleText(change)));
}

function nodesOf({ nodes, takingNodes }: FleetStanding): string {
  return takingNodes === nodes ? String(nodes) : `${nodes} (${takingNodes} take replicas)`;
}

function toVacate({ nodesToVacate, replicasToVacate }: FleetStanding): string {
  return nodesToVacate === 0 ? '' : `, ${nodesToVacate} to vacate with ${replicasToVacate} replicas`;
}

/** Per dimension: today, then, and with the plan. */
function balanceLines({ today, supposed, summary }: WhatIfAnswer): string[] {
  return supposed.balances.map((then, index) => {
    const now = today.balances.find((each) => each.dimension === then.dimension);
    const after = summary.after[index] ?? then;
    const worst = (balance: typeof then): string =>
      `${balance.peakToMean.toFixed(3)} (${formatShare(balance.peak)} on ${balance.peakNode})`;
    const over =
      then.overTarget + after.overTarget === 0
        ? ''
        : `, over target ${then.overTarget} → ${after.overTarget} nodes`;
    const text = `peak/mean ${now ? worst(now) : '-'} today, ${worst(then)} then, ${worst(after)} with the plan${over}`;
    return row(then.dimension, visibleText(text));
  });
}

function planLine(summary: PlanSummary): string {
  if (summary.moves === 0) return 'nothing would move';
  return `${summary.moves} moves in ${summary.waves} ${summary.waves === 1 ? 'wave' : 'waves'}, ${formatBytes(summary.bytes)}, ${formatShare(summary.shareOfShards)} of the shards, takes ${formatRange(summary.eta)}`;
}

function approval({ approval: needed }: WhatIfAnswer): string {
  if (needed.automatic) return 'would run by policy, without anybody';
  const groups = needed.groups.length === 0 ? '' : ` of ${visibleText(needed.groups.join(', '))}`;
  return `would need ${needed.required}${groups}`;
}
