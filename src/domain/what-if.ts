import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from './problem.ts';
import type { Snapshot, SnapshotContent } from './snapshot.ts';
import { digestSnapshot } from './snapshot-digest.ts';
import { type ChangeProblem, maxWhatIfChanges, type WhatIfChange } from './what-if-change.ts';
import { scaleLoads } from './what-if-loads.ts';
import { addNodes, growNodes, retireNodes } from './what-if-nodes.ts';

/**
 * The fleet as it would be after the changes, in their order, each seeing what those before it did. The snapshot given
 * stays as it is; the new one has a digest of its own. Shards, replicas and where they are stay, so that a plan for the
 * result starts from today's placement. O(changes × replicas).
 *
 * Problems, with fields as the contract has them, `changes[2].growNodes.factor`: FIELD_INVALID, FIELD_REQUIRED, FIELDS_CONTRADICT, NODE_NOT_FOUND,
 * SHARD_NOT_FOUND. Whatever is accepted keeps a valid snapshot valid, so that the result is not checked anew.
 */
export function applyWhatIf(
  snapshot: Snapshot,
  changes: readonly WhatIfChange[],
): Result<Snapshot, readonly Problem[]> {
  if (changes.length === 0) return ok(snapshot);
  if (changes.length > maxWhatIfChanges) return err([tooMany(changes.length)]);
  const { digest: _, ...content } = snapshot;
  let changed: SnapshotContent = content;
  const problems: Problem[] = [];
  for (const [index, change] of changes.entries()) {
    const next = applyChange(changed, change);
    if (next.ok) changed = next.value;
    else problems.push({ ...next.error, field: `changes[${index}].${change.kind}.${next.error.field}` });
  }
  return problems.length > 0 ? err(problems) : ok({ ...changed, digest: digestSnapshot(changed) });
}

function applyChange(content: SnapshotContent, change: WhatIfChange): Result<SnapshotContent, ChangeProblem> {
  switch (change.kind) {
    case 'addNodes':
      return addNodes(content, change);
    case 'removeNodes':
    case 'drainNodes':
      return retireNodes(content, change);
    case 'growNodes':
      return growNodes(content, change);
    case 'scaleLoads':
      return scaleLoads(content, change);
  }
}

function tooMany(count: number): Problem {
  return {
    code: 'FIELD_INVALID',
    message: `${count} changes are asked about at once`,
    field: 'changes',
    value: count,
    limit: maxWhatIfChanges,
    remedy: `Ask about at most ${maxWhatIfChanges} changes; one may name a zone or a group.`,
  };
}

/** The change in the words of the command line: `drain-zone=z1`, `scale-load=1.3,dimension=cpu,group=orders`. */
export function describeChange(change: WhatIfChange): string {
  const parts = (entries: Readonly<Record<string, string>>): string =>
    Object.entries(entries)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `,${name}=${value}`)
      .join('');
  switch (change.kind) {
    case 'addNodes': {
      const { like, region, zone, rack } = change;
      return `add-nodes=${change.count}${parts({ like, region, zone, rack })}`;
    }
    case 'removeNodes':
    case 'drainNodes': {
      const verb = change.kind === 'removeNodes' ? 'remove' : 'drain';
      const { node, zone } = change.nodes;
      return node === '' ? `${verb}-zone=${zone}` : `${verb}=${node}`;
    }
    case 'growNodes':
      return `grow=${change.factor}${parts({ ...change.nodes, dimension: change.dimension })}`;
    case 'scaleLoads':
      return `scale-load=${change.factor}${parts({ ...change.shards, dimension: change.dimension })}`;
  }
}
