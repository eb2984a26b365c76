import { z } from 'zod';
import type { Outcome } from '../../workflows/core/run.ts';
import { done, failed, refused } from '../hand/outcome.ts';
import { hostOf } from '../hand/place.ts';
import { explainSql, runQuery } from '../platform/sql.ts';
import { withSecrets } from '../platform/secrets.ts';
import type { StepKind, UnitContext } from './kind.ts';
import { text } from './written.ts';

const shape = z.strictObject({
  on: text.min(1).optional().describe('Host or target; its "sql" entry says how to log in'),
  query: text.min(1).describe('One statement; write $1, $2 … where a value belongs'),
  database: text.min(1).optional().describe("Instead of the host's own"),
  params: z.array(z.json()).optional().describe('Values for $1, $2 …; never part of the text'),
});

/**
 * One statement on PostgreSQL over a connection of its own. A step of risk `read` runs in a read-only transaction.
 * Result: `{rows, count}`, at most 1,000 rows; whole numbers are numbers, moments are ISO 8601.
 */
export const sql: StepKind = {
  id: 'sql',
  words: {
    en: { title: 'SQL statement', help: 'Runs one statement on a PostgreSQL host; read-only unless the step says risk: change' },
    zh: { title: 'SQL 语句', help: '在 PostgreSQL 主机上执行一条语句；未注明 risk: change 时为只读' },
  },
  shape,
  place: 'on',
  risk: () => 'read',
  idempotent: false,
  chunk: 50,
  run,
};

async function run({ deps, perform, unit, args, signal }: UnitContext): Promise<Outcome> {
  const began = Date.now();
  const given = shape.parse(withSecrets(args, perform.secrets));
  const host = hostOf(unit, args, deps.site());
  const login = host.sql;
  if (login === null)
    return refused(
      `Running SQL on "${host.name}" was refused: the host has no "sql" entry`,
      `Add sql: { port, user, database, password_env } to "${host.name}" in hosts.yaml`,
      { unit, began },
    );
  const password = login.password_env === null ? undefined : process.env[login.password_env];
  if (login.password_env !== null && password === undefined) {
    return refused(
      `Running SQL on "${host.name}" was refused: environment variable "${login.password_env}" of the worker is not set`,
      'Set it where the worker runs, then retry the step',
      { unit, began },
    );
  }
  const database = given.database ?? login.database;
  try {
    const { rows, count, truncated } = await runQuery({
      host: host.address,
      port: login.port,
      user: login.user,
      database,
      password,
      query: given.query,
      params: given.params ?? [],
      read: perform.risk === 'read',
      timeout_ms: perform.timeout_ms,
      signal,
    });
    return done({ rows, count, ...(truncated ? { truncated: true } : {}) }, { unit, began });
  } catch (error) {
    const why = explainSql(error, signal);
    const ran = perform.risk === 'read' ? 'no' : why.ran;
    const message = `Running SQL on "${host.name}" (${login.user}@${host.address}:${login.port}/${database}) failed: ${why.message}`;
    return failed(
      { kind: ran === 'unknown' ? 'unknown' : why.kind, message, hint: why.hint },
      { unit, began, ran, result: why.state === null ? null : { sqlstate: why.state } },
    );
  }
}
