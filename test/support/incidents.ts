import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Deps } from '../../activities/deps.ts';
import { createActivities } from '../../activities/index.ts';
import type { Records } from '../../activities/records/records.ts';
import type { ServerDeps } from '../../client/http/deps.ts';
import { createServer } from '../../client/http/server.ts';
import { bind } from '../../runbooks/bind.ts';
import { compile } from '../../runbooks/language/compile.ts';
import { defaultTiers } from '../../workflows/core/incident.ts';
import type { IncidentInput } from '../../workflows/core/people.ts';
import { engineVersion } from '../../workflows/core/plan.ts';
import type { RunInput } from '../../workflows/core/run.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Site } from '../../workflows/domain/site.ts';
import type { Severity } from '../../workflows/domain/words.ts';
import { workflowIds } from '../../workflows/messages.ts';
import { openMailbox, type Mailbox, type MailboxOptions } from './mailbox.ts';
import { freshRecords, pagingDeps } from './people.ts';
import { openBench, type Bench } from './worker.ts';

export interface Stage {
  readonly records: Records;
  readonly box: Mailbox;
  readonly bench: Bench;
  readonly activities: object;
  readonly url: string;
  readonly data: string;
  /** Cuts the HTTP server off from the engine, or lets it reach it again. */
  readonly engineAway: (away: boolean) => void;
  readonly open: (options: OpenOptions) => Promise<Opened>;
  readonly close: () => Promise<void>;
}

export interface OpenOptions {
  readonly severity: Severity;
  /** Time that has already passed since the incident began. */
  readonly ago_ms?: number;
  /** Library runbook that leads: `escalation/fatal`. */
  readonly runbook?: string;
}

export interface Opened {
  readonly incident: string;
  readonly run: string | null;
  readonly alarm: Alarm;
  readonly opened_at: number;
}

export interface IncidentStageOptions extends MailboxOptions {
  readonly site?: Partial<Site>;
}

/** Records, mail server, engine, worker and web server, all real, for one incident after the other. */
export async function openStage(name: string, options: IncidentStageOptions = {}): Promise<Stage> {
  const store = await freshRecords();
  // The engine is shared by all files of a jest run, so no two of them may give out the same number.
  await store.records.pool.query('select setval($1, $2)', ['incident_number', Date.now() % 1_000_000_000]);
  const box = await openMailbox(options);
  const bench = await openBench(name);
  const data = mkdtempSync(join(tmpdir(), 'tocsin-incident-'));
  let away = false;
  let url = '';
  const paging = pagingDeps({ records: store.records, smtp_port: box.port, site: { data, ...options.site } });
  const site = () => ({ ...paging.site(), url });
  const app: FastifyInstance = createServer({
    site,
    records: store.records,
    log: pino({ level: 'silent' }),
    secret: () => null,
    library: null as never,
    temporal: async () => {
      if (away) throw new Error('the engine is away');
      return bench.client;
    },
  } satisfies ServerDeps);
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  const deps = { ...paging, site, ssh: null as never } satisfies Deps;

  async function open(wanted: OpenOptions): Promise<Opened> {
    const incident = await store.records.incidents.nextId();
    const opened_at = Date.now() - (wanted.ago_ms ?? 0);
    const alarm: Alarm = {
      source: 'am',
      dedup_key: incident,
      status: 'firing',
      name: 'DiskFailing',
      summary: 'sda of db-1 reports 40 bad sectors',
      source_severity: 'critical',
      severity: wanted.severity,
      labels: {},
      annotations: {},
      starts_at: opened_at,
      ends_at: null,
      links: [],
    };
    const run = wanted.runbook === undefined ? null : await runOf(wanted.runbook, incident, alarm);
    const input: IncidentInput = {
      incident,
      title: `${alarm.name}: ${alarm.summary}`,
      severity: wanted.severity,
      service: 'orders',
      opened_at,
      tiers: defaultTiers,
      first: ['on_duty'],
      commander: null,
      run: run?.run ?? null,
      alarms: [alarm],
      engine_version: engineVersion,
    };
    await store.records.incidents.open({ input, converge_key: null, runbook: wanted.runbook ?? null });
    await store.records.incidents.started(incident);
    if (run) await store.records.runs.create({ input: run });
    await bench.client.workflow.start('incident', { taskQueue: bench.queue, workflowId: workflowIds.incident(incident), args: [input] });
    if (run) await bench.client.workflow.start('runRunbook', { taskQueue: bench.queue, workflowId: workflowIds.run(run.run), args: [run] });
    return { incident, run: run?.run ?? null, alarm, opened_at };
  }

  return {
    records: store.records,
    box,
    bench,
    activities: createActivities(deps),
    url,
    data,
    engineAway: (now) => void (away = now),
    open,
    async close() {
      await app.close();
      paging.close();
      await box.close();
      await bench.close();
      await store.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function runOf(runbook: string, incident: string, alarm: Alarm): Promise<RunInput> {
  const file = join(__dirname, `../../runbooks/${runbook}.yaml`);
  const { plan, hash, problems } = await compile(readFileSync(file, 'utf8'), { file });
  if (!plan || !hash) throw new Error(JSON.stringify(problems));
  const bound = bind({ plan, inputs: {}, nodes: [] });
  return {
    run: `${incident}.1`,
    incident,
    plan,
    plan_hash: hash,
    engine_version: engineVersion,
    inputs: bound.inputs,
    targets: bound.targets,
    alarm,
    by: 'alarm:am',
    reason: 'DiskFailing',
    mode: 'live',
    hold: null,
  };
}

/** The acknowledge link of a mail. */
export function linkIn(text: string | undefined): string {
  const found = /https?:\S+\/a\/[\w-]+/.exec(text ?? '')?.[0];
  if (!found) throw new Error(`no link in: ${text ?? ''}`);
  return found;
}

/** Asks until it is so; the reason why not is shown at the end. */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined | false>, timeout_ms = 20_000): Promise<T> {
  const end = Date.now() + timeout_ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${timeout_ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
