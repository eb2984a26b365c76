import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Moment } from '../../workflows/domain/words.ts';
import { transaction, type Db } from './pool.ts';
import { toDate, toJsonb, toJsonbOrNull, toText } from './text.ts';

export interface Accepted {
  /** One id per alarm given, in its order; a repeated alarm has the id of the first. */
  readonly ids: readonly number[];
  readonly duplicates: number;
}

const acceptSql = `
with given as (
  select * from jsonb_to_recordset($4::jsonb) as g(n int, dedup_key text, status text, starts_at timestamptz, ends_at timestamptz, name text, summary text,
    source_severity text, severity text, labels jsonb, annotations jsonb, links jsonb, extra jsonb, count int)
), raw as materialized (select nextval('raw_request_id_seq') as id),
kept as (
  insert into alarm (source, dedup_key, status, starts_at, ends_at, name, summary, source_severity, severity, labels, annotations, links, extra, raw, count, occurrence)
  select $1, g.dedup_key, g.status, g.starts_at, g.ends_at, g.name, g.summary, g.source_severity, g.severity, g.labels, g.annotations, g.links, g.extra, raw.id, g.count,
    -- Without a start time a firing after a resolve is a new one, and a resolve ends the newest firing.
    case when g.starts_at is not null then 0 else coalesce((
      select a.occurrence + case when a.status = 'resolved' and g.status = 'firing' then 1 else 0 end
      from alarm a where a.source = $1 and a.dedup_key = g.dedup_key and a.starts_at is null order by a.id desc limit 1), 0) end
  from given g, raw order by g.n
  on conflict (source, dedup_key, status, coalesce(starts_at, '-infinity'::timestamptz), occurrence)
    do update set count = alarm.count + excluded.count, seen_at = now(), ends_at = coalesce(excluded.ends_at, alarm.ends_at)
  returning id, dedup_key, status, starts_at, raw, (xmax = 0) as fresh
), body as (
  -- A pure repetition keeps no second copy of its body.
  insert into raw_request (id, source, sha256, body) overriding system value
  select raw.id, $1, $2, $3 from raw where exists (select from kept where fresh)
)
select id, dedup_key, status, starts_at, fresh from kept`;

interface Kept {
  readonly id: number;
  readonly dedup_key: string;
  readonly status: string;
  readonly starts_at: Moment | null;
  readonly fresh: boolean;
}

/** Stores the raw request and its alarms in one transaction; resolves only after the commit. */
export async function acceptAlarms(pool: Pool, source: string, body: Buffer, alarms: readonly Alarm[]): Promise<Accepted> {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const ids = new Array<number>(alarms.length);
  let duplicates = 0;
  async function store(db: Db, wave: Wave): Promise<void> {
    const rows = (
      await db.query<Kept>({ name: 'alarm-accept', text: acceptSql, values: [source, sha256, body, toJsonb(wave.rows)] } as never)
    ).rows;
    for (const row of rows) {
      const places = wave.places.get(identity(row)) ?? [];
      duplicates += places.length - (row.fresh ? 1 : 0);
      for (const place of places) ids[place] = row.id;
    }
  }
  const waves = toWaves(alarms);
  const only = waves[0];
  if (only === undefined) return { ids, duplicates };
  // One statement is its own transaction, and one round trip.
  if (waves.length === 1) await store(pool, only);
  else
    await transaction(pool, async (db) => {
      for (const wave of waves) await store(db, wave);
    });
  return { ids, duplicates };
}

interface Wave {
  readonly rows: object[];
  readonly keys: Map<string, string>;
  readonly places: Map<string, number[]>;
}

/** A wave names each identity once and each key in one status, so that one statement can judge it; nearly always there is one wave. */
function toWaves(alarms: readonly Alarm[]): readonly Wave[] {
  const waves: Wave[] = [];
  for (const [place, alarm] of alarms.entries()) {
    let wave = waves.at(-1);
    const key = toText(alarm.dedup_key);
    const before = wave?.keys.get(key);
    if (wave === undefined || (before !== undefined && before !== alarm.status))
      waves.push((wave = { rows: [], keys: new Map(), places: new Map() }));
    wave.keys.set(key, alarm.status);
    const id = identity({ ...alarm, dedup_key: key });
    const places = wave.places.get(id);
    if (places !== undefined) {
      places.push(place);
      continue;
    }
    wave.places.set(id, [place]);
    wave.rows.push(toRow(alarm, wave.rows.length));
  }
  return waves;
}

function identity(row: { readonly dedup_key: string; readonly status: string; readonly starts_at: Moment | null }): string {
  return `${row.status} ${row.starts_at ?? '-'} ${row.dedup_key}`;
}

function toRow(alarm: Alarm, n: number): object {
  return {
    ...alarm,
    n,
    count: 1,
    starts_at: toDate(alarm.starts_at),
    ends_at: toDate(alarm.ends_at),
    extra: toJsonbOrNull(alarm.extra) === null ? null : alarm.extra,
  };
}
