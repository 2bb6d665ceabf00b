import { readFileSync } from 'node:fs';
import { expectOk, ProblemError } from '../../src/domain/problem.ts';
import {
  type RoadefFile,
  type RoadefInstance,
  readRoadefInstance,
} from '../../src/simulator/roadef-instance.ts';

/**
 * The instance of two files.
 *
 * @throws ProblemError FILE_UNREADABLE and what `readRoadefInstance` says; each names the file
 */
export function readRoadefFiles(model: string, assignment: string): RoadefInstance {
  const read = readRoadefInstance(roadefFile(model), roadefFile(assignment));
  return expectOk(read.ok ? read : { ok: false, error: [read.error] });
}

function roadefFile(path: string): RoadefFile {
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new ProblemError({
      code: 'FILE_UNREADABLE',
      message: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      subject: path,
    });
  }
}
