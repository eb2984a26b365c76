import type { Pool } from 'pg';
import type { Plan } from '../../workflows/core/plan.ts';
import type { Db } from './pool.ts';
import { toJsonb } from './text.ts';

export interface PlanRecords {
  /** Kept once per hash, for ever: what a run did can be read after its file has changed. */
  save(hash: string, plan: Plan): Promise<void>;
  get(hash: string): Promise<Plan | null>;
}

export function createPlans(pool: Pool): PlanRecords {
  return {
    save: (hash, plan) => savePlan(pool, hash, plan),
    async get(hash) {
      return (await pool.query<{ plan: Plan }>('select plan from plan where hash = $1', [hash])).rows[0]?.plan ?? null;
    },
  };
}

export async function savePlan(db: Db, hash: string, plan: Plan): Promise<void> {
  await db.query('insert into plan (hash, runbook, version, plan) values ($1, $2, $3, $4) on conflict (hash) do nothing', [
    hash,
    plan.runbook,
    plan.version,
    toJsonb(plan),
  ]);
}
