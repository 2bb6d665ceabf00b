import { create } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../base/result.ts';
import type { NodeStatus } from '../../domain/node.ts';
import type { Problem } from '../../domain/problem.ts';
import type { PeerSample } from '../../domain/telemetry-sample.ts';
import {
  PeerSampleSchema,
  PeerStatus,
  type PeerSample as WirePeer,
} from '../../gen/meshkit/peers/v1/peer_health_pb.ts';
import { decodeInteger, decodeTime, encodeInteger, encodeTime, missingField } from './wire-number.ts';

const statusToWire: Readonly<Record<NodeStatus, PeerStatus>> = {
  alive: PeerStatus.ALIVE,
  suspect: PeerStatus.SUSPECT,
  dead: PeerStatus.DEAD,
  left: PeerStatus.LEFT,
};

const statusFromWire = new Map<PeerStatus, NodeStatus>(
  (Object.keys(statusToWire) as NodeStatus[]).map((status) => [statusToWire[status], status]),
);

/** `meshkit.peers.v1.PeerSample` of a sample. */
export function encodePeer(sample: PeerSample): WirePeer {
  return create(PeerSampleSchema, {
    node: sample.node,
    region: sample.region,
    zone: sample.zone,
    rack: sample.rack,
    labels: { ...sample.labels },
    weight: sample.weight,
    status: statusToWire[sample.status],
    capacity: { ...sample.capacity },
    target: { ...sample.target },
    signals: { ...sample.signals },
    sequence: encodeInteger(sample.sequence),
    observedAt: encodeTime(sample.observedAt),
  });
}

/** Problems: FIELD_REQUIRED without a node, FIELD_INVALID for a status or a number that is not known. */
export function decodePeer(wire: WirePeer): Result<PeerSample, Problem> {
  if (wire.node === '') return err(missingField('node'));
  const status = statusFromWire.get(wire.status);
  if (!status) {
    return err({
      code: 'FIELD_INVALID',
      message: `peer ${wire.node} has the status ${wire.status}, which the contract does not know`,
      field: 'status',
      value: wire.status,
      subject: `node/${wire.node}`,
    });
  }
  const sequence = decodeInteger(wire.sequence, 'sequence');
  if (!sequence.ok) return sequence;
  return ok({
    node: wire.node,
    region: wire.region,
    zone: wire.zone,
    rack: wire.rack,
    labels: wire.labels,
    weight: wire.weight,
    status,
    capacity: wire.capacity,
    target: wire.target,
    signals: wire.signals,
    sequence: sequence.value,
    observedAt: decodeTime(wire.observedAt),
  });
}
