import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { machineOf } from './roadef-names.ts';

/** Where a replica is, as `ExportAssignment` tells it. */
export interface ReplicaPlacement {
  /** The process's index. */
  readonly replica: number;
  readonly node: string;
}

/**
 * The assignment file of a fleet that was made of an instance: the machine of each process, in the order of the
 * processes. FIELD_INVALID for a fleet that was not.
 */
export function writeRoadefAssignment(placements: readonly ReplicaPlacement[]): Result<string, Problem> {
  const machines = new Array<number>(placements.length).fill(-1);
  for (const { replica, node } of placements) {
    const machine = machineOf(node);
    if (machine < 0 || replica < 0 || replica >= machines.length || machines[replica] !== -1) {
      return err({
        code: 'FIELD_INVALID',
        message: `replica ${replica} on ${node} is not a process on a machine of a ROADEF instance`,
        field: 'placements',
        subject: `node/${node}`,
      });
    }
    machines[replica] = machine;
  }
  return ok(`${machines.join(' ')}\n`);
}
