import type { Database } from 'bun:sqlite';
import { digestOf } from '../../base/digest.ts';
import type { PlanContent } from '../../domain/plan.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import { decodeSnapshot, encodeSnapshot } from '../../domain/snapshot-codec.ts';
import { deepFrozen, frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

/** Large values that never change, compressed, under their digest; what exists already is not written again. */
export interface ContentRows {
  writePlanContent(digest: string, content: PlanContent): void;
  planContent(digest: string): PlanContent | undefined;
  writeSnapshot(snapshot: Snapshot, now: number): void;
  /** Throws `ProblemError` DATA_DIRECTORY_CORRUPT when what is stored does not have its digest. */
  snapshot(digest: string): Snapshot | undefined;
}

/** Loads compress little and slowly: the fastest level takes most of what there is to gain. */
const compression = { level: 1 } as const;

interface BodyRow {
  readonly body: Uint8Array<ArrayBuffer>;
}

export function createContentRows(db: Database): ContentRows {
  const insertContent = db.query('INSERT INTO plan_contents (digest, checksum, body) VALUES (?, ?, ?)');
  const selectContent = db.query<BodyRow & { checksum: string }, [string]>(
    'SELECT checksum, body FROM plan_contents WHERE digest = ?',
  );
  const hasContent = db.query<{ found: number }, [string]>(
    'SELECT 1 AS found FROM plan_contents WHERE digest = ?',
  );
  const insertSnapshot = db.query('INSERT INTO snapshots (digest, stored_at, body) VALUES (?, ?, ?)');
  const touchSnapshot = db.query('UPDATE snapshots SET stored_at = ? WHERE digest = ?');
  const selectSnapshot = db.query<BodyRow, [string]>('SELECT body FROM snapshots WHERE digest = ?');

  return {
    writePlanContent(digest, content) {
      if (hasContent.get(digest)) return;
      const text = storedText(content);
      insertContent.run(digest, digestOf(text), Bun.zstdCompressSync(text, compression));
    },
    planContent(digest) {
      const row = selectContent.get(digest);
      if (!row) return undefined;
      const bytes = decompressed(row.body, `plan content ${digest}`);
      if (digestOf(bytes) !== row.checksum) throw damaged(`plan content ${digest}`);
      return frozenFromJson<PlanContent>(bytes.toString());
    },
    writeSnapshot(snapshot, now) {
      // A new reference makes it young again, so that it is not collected before its plan is written.
      if (touchSnapshot.run(now, snapshot.digest).changes > 0) return;
      insertSnapshot.run(snapshot.digest, now, Bun.zstdCompressSync(encodeSnapshot(snapshot), compression));
    },
    snapshot(digest) {
      const row = selectSnapshot.get(digest);
      if (!row) return undefined;
      const decoded = decodeSnapshot(decompressed(row.body, `snapshot ${digest}`));
      if (!decoded.ok || decoded.value.digest !== digest) throw damaged(`snapshot ${digest}`);
      return deepFrozen(decoded.value);
    },
  };
}

function decompressed(body: Uint8Array<ArrayBuffer>, what: string): Buffer {
  try {
    return Bun.zstdDecompressSync(body);
  } catch {
    throw damaged(what);
  }
}

function damaged(what: string): ProblemError {
  return new ProblemError({
    code: 'DATA_DIRECTORY_CORRUPT',
    message: `the stored ${what} does not have its digest`,
    remedy: 'Restore the data directory from a backup.',
  });
}
