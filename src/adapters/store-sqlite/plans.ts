import type { Database } from 'bun:sqlite';
import { ok, type Result } from '../../base/result.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Page, PlanQuery } from '../../ports/store.ts';
import { readCursor, writeCursor } from './plan-cursor.ts';
import { createPlanHeaders } from './plan-headers.ts';
import { storedText } from './stored-text.ts';

/** What a page of plans may hold at most, whatever is asked for. */
export const maxPageSize = 500;

/** Headers of plans; their contents are in `contents.ts`. */
export interface PlanRows {
  /** 0 when there is no such plan. */
  revision(id: string): number;
  write(plan: Plan): void;
  get(id: string): Plan | undefined;
  list(query: PlanQuery): Result<Page<Plan>, Problem>;
}

interface PageRow {
  readonly ordinal: number;
  readonly id: string;
  readonly revision: number;
}

export function createPlanRows(db: Database): PlanRows {
  const selectRevision = db.query<{ revision: number }, [string]>('SELECT revision FROM plans WHERE id = ?');
  const headers = createPlanHeaders(db);
  const upsert = db.query(
    `INSERT INTO plans (id, cluster, namespace, status, revision, created_at, started_at, snapshot_digest,
       after_snapshot_digest, header)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, revision = excluded.revision,
       started_at = excluded.started_at, snapshot_digest = excluded.snapshot_digest,
       after_snapshot_digest = excluded.after_snapshot_digest, header = excluded.header`,
  );

  const revision = (id: string): number => selectRevision.get(id)?.revision ?? 0;

  return {
    revision,
    write(plan) {
      upsert.run(
        plan.id,
        plan.cluster,
        plan.namespace,
        plan.status,
        plan.revision,
        plan.createdAt,
        plan.startedAt,
        plan.snapshotDigest,
        plan.afterSnapshotDigest,
        storedText(plan),
      );
    },
    get(id) {
      const current = revision(id);
      return current === 0 ? undefined : headers.read(id, current);
    },
    list(query) {
      const from = readCursor(query);
      if (!from.ok) return from;
      const size = Math.min(Math.max(1, Math.trunc(query.pageSize)), maxPageSize);
      const { sql, parameters } = pageStatement(query, from.value, size + 1);
      const rows = db.query<PageRow, (string | number)[]>(sql).all(...parameters);
      const shown = rows.slice(0, size);
      const last = rows.length > size ? shown.at(-1) : undefined;
      return ok({
        items: shown.map((row) => headers.read(row.id, row.revision)),
        nextCursor: last ? writeCursor(query, last.ordinal) : '',
      });
    },
  };
}

/**
 * The next `limit` plans after an ordinal in the query's order. Each status is a range of its own of the index, so that a page costs
 * what it shows and not what it leaves out.
 */
function pageStatement(
  query: PlanQuery,
  from: number,
  limit: number,
): { readonly sql: string; readonly parameters: (string | number)[] } {
  const [past, order] = query.oldestFirst ? ['>', 'ASC'] : ['<', 'DESC'];
  const statuses = [...new Set(query.statuses ?? [])];
  const parameters: (string | number)[] = [];
  const ranges = (statuses.length > 0 ? statuses : [undefined]).map((status) => {
    const conditions = [`ordinal ${past} ?`];
    parameters.push(from);
    for (const [column, value] of [
      ['status', status],
      ['cluster', query.cluster],
      ['namespace', query.namespace],
    ] as const) {
      if (value === undefined) continue;
      conditions.push(`${column} = ?`);
      parameters.push(value);
    }
    parameters.push(limit);
    return `SELECT * FROM (SELECT ordinal FROM plans WHERE ${conditions.join(' AND ')} ORDER BY ordinal ${order} LIMIT ?)`;
  });
  parameters.push(limit);
  const sql = `SELECT ordinal, id, revision FROM plans
    WHERE ordinal IN (SELECT ordinal FROM (${ranges.join(' UNION ALL ')}) ORDER BY ordinal ${order} LIMIT ?)
    ORDER BY ordinal ${order}`;
  return { sql, parameters };
}
