import { create } from '@bufbuild/protobuf';
import type { NodeView } from '../controller/rebalancer.ts';
import type { Dimension } from '../domain/dimension.ts';
import type { Node } from '../domain/node.ts';
import {
  type Dimension as DimensionMessage,
  DimensionSchema,
  type Node as NodeMessage,
  NodeSchema,
} from '../gen/meshkit/rebalancer/v1/node_pb.ts';
import {
  type NodeView as NodeViewMessage,
  NodeViewSchema,
} from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { adminStateCodec, nodeStatusCodec } from './enums.ts';
import { wholeFromMessage, wholeToMessage } from './scalars.ts';

export function dimensionToMessage(dimension: Dimension): DimensionMessage {
  return create(DimensionSchema, { name: dimension.name, unit: dimension.unit });
}

export function dimensionFromMessage(message: DimensionMessage): Dimension {
  return { name: message.name, unit: message.unit };
}

export function nodeToMessage(node: Node): NodeMessage {
  return create(NodeSchema, {
    id: node.id,
    region: node.region,
    zone: node.zone,
    rack: node.rack,
    labels: { ...node.labels },
    weight: node.weight,
    status: nodeStatusCodec.toMessage(node.status),
    adminState: adminStateCodec.toMessage(node.adminState),
    capacity: [...node.capacity],
    target: node.target ? [...node.target] : [],
    signals: { ...node.signals },
  });
}

/**
 * What a file may leave out gets its meaning here: weight 1, alive, active. Throws `ProblemError` FIELD_INVALID for
 * an enum value that this program does not know.
 */
export function nodeFromMessage(message: NodeMessage): Node {
  return {
    id: message.id,
    region: message.region,
    zone: message.zone,
    rack: message.rack,
    labels: { ...message.labels },
    weight: message.weight ?? 1,
    status: nodeStatusCodec.optionalFromMessage(message.status) ?? 'alive',
    adminState: adminStateCodec.optionalFromMessage(message.adminState) ?? 'active',
    capacity: [...message.capacity],
    ...(message.target.length > 0 ? { target: [...message.target] } : {}),
    signals: { ...message.signals },
  };
}

export function nodeViewToMessage(view: NodeView): NodeViewMessage {
  return create(NodeViewSchema, {
    node: nodeToMessage(view.node),
    replicas: wholeToMessage(view.replicas),
    leaders: wholeToMessage(view.leaders),
    loads: [...view.loads],
    dimensions: [...view.dimensions],
    distress: view.distress,
  });
}

/** Throws as `nodeFromMessage`; a missing node is one with an empty id. */
export function nodeViewFromMessage(message: NodeViewMessage): NodeView {
  return {
    node: nodeFromMessage(message.node ?? create(NodeSchema)),
    replicas: wholeFromMessage(message.replicas),
    leaders: wholeFromMessage(message.leaders),
    loads: [...message.loads],
    dimensions: [...message.dimensions],
    distress: message.distress,
  };
}
