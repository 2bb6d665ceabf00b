import { err, ok, type Result } from '../base/result.ts';
import { type Node, takesReplicas } from './node.ts';
import type { SnapshotContent } from './snapshot.ts';
import { maxLoad, minCapacity } from './snapshot-validate.ts';
import {
  type AddNodes,
  type ChangeProblem,
  type GrowNodes,
  maxAddedNodes,
  maxFactor,
  type NodeChoice,
  type RetireNodes,
} from './what-if-change.ts';
import { columnsNamed, factorProblem, outOfRange, someOf } from './what-if-checks.ts';

/** The fleet with new nodes, `what-if-00001` and on; rows keep their nodes, whose places among all may change. */
export function addNodes(content: SnapshotContent, change: AddNodes): Result<SnapshotContent, ChangeProblem> {
  const { count } = change;
  if (!Number.isSafeInteger(count) || count < 1 || count > maxAddedNodes) {
    return err({
      code: 'FIELD_INVALID',
      message: `${count} nodes cannot be added`,
      field: 'count',
      value: count,
      limit: `1 to ${maxAddedNodes}`,
      remedy: `Add from 1 to ${maxAddedNodes} nodes.`,
    });
  }
  const like = templateOf(content.nodes, change);
  if (!like.ok) return like;
  const taken = new Set(content.nodes.map((node) => node.id));
  const added: Node[] = [];
  for (let number = 1; added.length < count; number++) {
    const id = `what-if-${String(number).padStart(5, '0')}`;
    if (!taken.has(id)) added.push(newNode(id, like.value, change, content.nodes));
  }
  return ok(withNodes(content, added));
}

function templateOf(nodes: readonly Node[], { like, zone }: AddNodes): Result<Node, ChangeProblem> {
  const found =
    like === ''
      ? (nodes.find((node) => takesReplicas(node) && node.zone === zone) ??
        nodes.find((node) => takesReplicas(node)) ??
        nodes[0])
      : nodes.find((node) => node.id === like);
  return found ? ok(found) : err(unknownNode(like, 'like'));
}

/** Healthy whatever its model is; in another zone in that zone's region, and in a rack of its own unless one is named. */
function newNode(id: string, like: Node, place: AddNodes, nodes: readonly Node[]): Node {
  const zone = place.zone || like.zone;
  const neighbour = zone === like.zone ? like : nodes.find((node) => node.zone === zone);
  return {
    id,
    region: place.region || (neighbour ?? like).region,
    zone,
    rack: place.rack || (zone === like.zone ? like.rack : id),
    labels: like.labels,
    weight: like.weight,
    status: 'alive',
    adminState: 'active',
    capacity: like.capacity,
    ...(like.target ? { target: like.target } : {}),
    signals: {},
  };
}

/** Sorted in; replicas follow their nodes to their new indices. */
function withNodes(content: SnapshotContent, added: readonly Node[]): SnapshotContent {
  const nodes = [...content.nodes, ...added].sort((left, right) =>
    left.id < right.id ? -1 : left.id > right.id ? 1 : 0,
  );
  const indices = new Map(nodes.map((node, index) => [node.id, index]));
  const moved = Int32Array.from(content.nodes, (node) => indices.get(node.id) ?? -1);
  const replicaNodes = content.shards.replicaNodes.map((node) => moved[node]);
  return { ...content, nodes, shards: { ...content.shards, replicaNodes } };
}

/** The fleet with nodes that have left, or that are to be vacated. */
export function retireNodes(
  content: SnapshotContent,
  change: RetireNodes,
): Result<SnapshotContent, ChangeProblem> {
  if (change.nodes.node === '' && change.nodes.zone === '') {
    const verb = change.kind === 'removeNodes' ? 'removed' : 'drained';
    return err({
      code: 'FIELD_REQUIRED',
      message: `it is not said which nodes are ${verb}`,
      field: 'node',
      remedy: 'Name a node or a zone.',
    });
  }
  const chosen = chosenNodes(content.nodes, change.nodes, '');
  if (!chosen.ok) return chosen;
  const retired =
    change.kind === 'removeNodes' ? ({ status: 'left' } as const) : ({ adminState: 'draining' } as const);
  const nodes = content.nodes.map((node) => (chosen.value.has(node.id) ? { ...node, ...retired } : node));
  return ok({ ...content, nodes });
}

/** The fleet with more or less capacity. */
export function growNodes(
  content: SnapshotContent,
  change: GrowNodes,
): Result<SnapshotContent, ChangeProblem> {
  const { factor } = change;
  if (!(factor > 0 && factor <= maxFactor)) return err(factorProblem('capacity', factor, 'above 0'));
  const chosen = chosenNodes(content.nodes, change.nodes, 'nodes.');
  if (!chosen.ok) return chosen;
  const columns = columnsNamed(content.dimensions, change.dimension);
  if (!columns.ok) return columns;
  const scaled = (row: readonly number[]): number[] =>
    row.map((value, d) => (columns.value.has(d) ? value * factor : value));
  const possible = (row: readonly number[] = []): boolean =>
    scaled(row).every((value, d) => row[d] === 0 || (value >= minCapacity && value <= maxLoad));
  const impossible = content.nodes.find(
    ({ id, capacity, target }) => chosen.value.has(id) && !(possible(capacity) && possible(target)),
  );
  if (impossible) return err(outOfRange('capacity', factor, `node/${impossible.id}`));
  const nodes = content.nodes.map((node) => {
    if (!chosen.value.has(node.id)) return node;
    const target = node.target ? { target: scaled(node.target) } : {};
    return { ...node, capacity: scaled(node.capacity), ...target };
  });
  return ok({ ...content, nodes });
}

/**
 * Ids of the nodes chosen; all where the choice names none.
 *
 * @param path what stands before `node` and `zone` in the contract
 */
function chosenNodes(
  nodes: readonly Node[],
  { node, zone }: NodeChoice,
  path: string,
): Result<ReadonlySet<string>, ChangeProblem> {
  if (node !== '' && zone !== '') {
    return err({
      code: 'FIELDS_CONTRADICT',
      message: `both node ${node} and zone ${zone} are named`,
      field: `${path}zone`,
      value: node,
      limit: zone,
      remedy: 'Name the node or the zone.',
    });
  }
  if (node !== '') {
    return nodes.some(({ id }) => id === node) ? ok(new Set([node])) : err(unknownNode(node, `${path}node`));
  }
  const chosen = nodes.filter((each) => zone === '' || each.zone === zone);
  if (chosen.length > 0) return ok(new Set(chosen.map(({ id }) => id)));
  return err({
    code: 'FIELD_INVALID',
    message: `no node of the fleet is in zone ${zone}`,
    field: `${path}zone`,
    value: zone,
    limit: someOf(nodes.map((each) => each.zone)),
    remedy: 'Name one of the zones of the fleet.',
  });
}

function unknownNode(id: string, field: string): ChangeProblem {
  return {
    code: 'NODE_NOT_FOUND',
    message: `the fleet has no node ${id}`,
    field,
    value: id,
    limit: 'a node of the fleet',
    subject: `node/${id}`,
    remedy: 'Name a node that `mesh peers list` shows; one that is added is called what-if-00001 and so on.',
  };
}
