import type { Site } from '../../workflows/domain/site.ts';
import { environmentOf } from '../connections.ts';
import { withoutPassword } from '../platform.ts';
import { query } from '../services/postgres/postmaster.ts';
import { bad, good } from './check.ts';
import type { Check } from './check.ts';

/** Deadlines are computed in both places: more than this and an escalation may look late. */
const skew_ms_max = 1_000;

export async function checkRecords(site: Site, env: NodeJS.ProcessEnv, up: boolean): Promise<Check[]> {
  if (!up && !env['DATABASE_URL']) return [];
  let url = '';
  try {
    url = environmentOf(site, env)['DATABASE_URL']!;
    const asked = Date.now();
    const [row] = await query(
      url,
      `select extract(epoch from clock_timestamp()) * 1000 as now_ms, current_setting('server_version') as version, current_setting('server_encoding') as encoding`,
    );
    const answered = Date.now();
    const encoding = String(row?.['encoding']);
    return [
      good('records', `PostgreSQL ${String(row?.['version']).split(' ')[0]} answers at ${withoutPassword(url)} in ${answered - asked} ms`),
      encoding === 'UTF8'
        ? good('records encoding', encoding)
        : bad(
            'records encoding',
            encoding,
            'Create the database again with ENCODING UTF8; in another encoding a Chinese search finds nothing.',
          ),
      checkSkew(Number(row?.['now_ms']) - (asked + answered) / 2),
    ];
  } catch (error) {
    const mend = env['DATABASE_URL']
      ? 'Look at DATABASE_URL and at that server: psql "$DATABASE_URL" -c "select 1"'
      : 'tocsin down && tocsin up, then read logs/records.log in the data directory';
    return [bad('records', `no answer${url ? ` at ${withoutPassword(url)}` : ''}: ${(error as Error).message}`, mend)];
  }
}

function checkSkew(skew_ms: number): Check {
  const found = `${Math.abs(skew_ms).toFixed(0)} ms between this machine and the records`;
  return Math.abs(skew_ms) <= skew_ms_max
    ? good('clock', found)
    : bad('clock', found, 'Let both machines follow the same time: timedatectl set-ntp true');
}
