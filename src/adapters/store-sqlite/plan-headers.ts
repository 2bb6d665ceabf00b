import type { Database } from 'bun:sqlite';
import type { Plan } from '../../domain/plan.ts';
import { frozenFromJson } from './frozen.ts';

/** Headers that are kept parsed: four full pages of a list. */
const maxCachedHeaders = 2_000;

/** Reads headers of plans, and keeps the parsed ones: a revision that was committed never changes. */
export interface PlanHeaders {
  /** The header of a plan that is in this revision now. Only for committed revisions. */
  read(id: string, revision: number): Plan;
}

export function createPlanHeaders(db: Database): PlanHeaders {
  const select = db.query<{ header: string }, [string]>('SELECT header FROM plans WHERE id = ?');
  /** In the order in which they were last used. */
  const cache = new Map<string, Plan>();

  function load(id: string): Plan {
    const row = select.get(id);
    if (!row) throw new Error(`plan ${id} vanished while it was read`);
    return frozenFromJson<Plan>(row.header);
  }

  return {
    read(id, revision) {
      const cached = cache.get(id);
      const plan = cached?.revision === revision ? cached : load(id);
      cache.delete(id);
      cache.set(id, plan);
      if (cache.size > maxCachedHeaders) {
        const [oldest] = cache.keys();
        if (oldest !== undefined) cache.delete(oldest);
      }
      return plan;
    },
  };
}
