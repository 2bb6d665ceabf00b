import { expectFile } from '../../wire/expect-file.ts';
import { parsePlanFile } from '../../wire/plan-file.ts';
import { parseSnapshotFile } from '../../wire/snapshot-file.ts';
import type { Session } from '../session.ts';
import { readPolicyFiles } from './plan-from-files.ts';

/** A plan file with the snapshot and the policies that it was made from. Throws `ProblemError` for what is wrong in them. */
export async function readExplained(
  session: Session,
  planPath: string,
  snapshotPath: string,
  policyPaths: readonly string[],
) {
  const { readFile } = session.context;
  return {
    plan: expectFile(planPath, parsePlanFile(await readFile(planPath))),
    snapshot: expectFile(snapshotPath, parseSnapshotFile(await readFile(snapshotPath))),
    policies: await readPolicyFiles(session, policyPaths),
  };
}
