import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { sharedMachine } from './from-roadef.ts';
import { type RoadefModel, readRoadefAssignment, readRoadefModel } from './roadef-model.ts';

/** One of an instance's two files, as it was read. */
export interface RoadefFile {
  readonly path: string;
  readonly text: string;
}

/** An instance as its two files have it. */
export interface RoadefInstance {
  readonly model: RoadefModel;
  /** Machine of each process. */
  readonly assignment: Int32Array;
}

/**
 * Reads both files of an instance. Problems as of `readRoadefModel`, and SNAPSHOT_REPLICA_TWICE_ON_NODE when two processes of a
 * service share a machine; each names its file as its subject.
 */
export function readRoadefInstance(
  modelFile: RoadefFile,
  assignmentFile: RoadefFile,
): Result<RoadefInstance, Problem> {
  const model = readRoadefModel(modelFile.text);
  if (!model.ok) return err({ ...model.error, subject: modelFile.path });
  const assignment = readRoadefAssignment(assignmentFile.text, model.value);
  if (!assignment.ok) return err({ ...assignment.error, subject: assignmentFile.path });
  const shared = sharedMachine(model.value, assignment.value);
  if (shared) return err({ ...shared, subject: assignmentFile.path });
  return ok({ model: model.value, assignment: assignment.value });
}
