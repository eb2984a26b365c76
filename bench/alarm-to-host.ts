import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { loadSite } from '../activities/platform/site/index.ts';
import { localDatabaseUrl } from '../worker/services/parts/records.ts';
import { placeOf } from '../worker/services/place.ts';
import { openStage, type Stage } from '../test/support/stage.ts';
import { atMost, numberFlag, percentile, spread } from './report.ts';
import type { BenchOptions, Measured, Say } from './report.ts';

const warmUp = 10;

const run = promisify(execFile);

/** One step each: `job` is what a change gets (keyed, runs once), `read` is what a look gets. */
function runbook(name: string, risk: 'read' | 'change'): string {
  return `runbook: ${name}
version: 1
title: First command on the host that has the fault
owner: on_duty
severity: fatal
triggers:
  - alarm:
      match: alarm.name == "${name}"
      with: { host: "\${{ alarm.labels.host }}", mark: "\${{ alarm.labels.mark }}" }
inputs:
  host: { type: string, required: true }
  mark: { type: string, required: true }
targets:
  sick: { where: node.name == inputs.host, exactly: 1 }
steps:
  - id: first
    risk: ${risk}
    ssh: { on: sick, run: [sh, -c, 'date +%s%N > "/tmp/bench-$1"', sh, "\${{ inputs.mark }}"] }
${risk === 'change' ? '    undo: none\n' : ''}`;
}

interface Sample {
  readonly total: number;
  readonly parts: { readonly [part: string]: number };
}

/**
 * POST of a fatal alarm to the moment its first command has run on the host (the host's own clock, which is ours), on a warm platform
 * that also pages people by mail; beside a cold `ssh host true`. `--rounds N`, by default 100.
 */
export async function bench({ args, say }: BenchOptions): Promise<Measured> {
  const rounds = numberFlag(args, 'rounds', 100);
  const stage = await openStage({
    hosts: [{ name: 'web1' }],
    files: { 'runbooks/bench_job.yaml': runbook('bench_job', 'change'), 'runbooks/bench_read.yaml': runbook('bench_read', 'read') },
    say,
  });
  try {
    return await measure(stage, rounds, say);
  } finally {
    await stage.close();
  }
}

async function measure(stage: Stage, rounds: number, say: Say): Promise<Measured> {
  const { site } = await loadSite(stage.folder);
  if (site === null) throw new Error(`cannot read the site ${stage.folder}`);
  const pool = new pg.Pool({ connectionString: localDatabaseUrl(placeOf(site.data), site.records.port) ?? '', max: 2 });
  const client = new Client({ connection: await Connection.connect({ address: `127.0.0.1:${site.engine.port}` }) });
  const samples: Record<'job' | 'read', Sample[]> = { job: [], read: [] };
  const cold: Record<'curve25519' | 'default_kex', number[]> = { curve25519: [], default_kex: [] };
  for (let n = 0; n < warmUp + rounds; n++) {
    for (const kind of ['job', 'read'] as const) {
      const sample = await alarm({ stage, pool, client, kind, mark: `${kind}-${n}` });
      if (n >= warmUp) samples[kind].push(sample);
      await sleep(100);
    }
    // The rival is measured in between, under the same load of the machine.
    if (n >= warmUp) {
      cold.curve25519.push(await coldSsh(stage, ['-o', 'KexAlgorithms=curve25519-sha256']));
      cold.default_kex.push(await coldSsh(stage, []));
    }
    if (n % 20 === 19) say(`${n + 1} of ${warmUp + rounds}`);
  }
  await pool.end();
  await client.connection.close();

  const job = spread(samples.job.map((sample) => sample.total));
  const read = spread(samples.read.map((sample) => sample.total));
  const curve = percentile(cold.curve25519, 0.5);
  return {
    figures: {
      alarm_to_job_ms: job,
      alarm_to_read_ms: read,
      cold_ssh_curve25519_ms: spread(cold.curve25519),
      cold_ssh_default_kex_ms: spread(cold.default_kex),
      job_parts_p50_ms: partsOf(samples.job),
      read_parts_p50_ms: partsOf(samples.read),
      ratio_job_to_cold: Number((job.p50 / curve).toFixed(3)),
      ratio_read_to_cold: Number((read.p50 / curve).toFixed(3)),
    },
    bars: [
      atMost('p50 of alarm to first job, of cold ssh with curve25519', job.p50 / curve, 0.7, 'x'),
      atMost('p99 of alarm to first job, of our p50', job.p99 / job.p50, 3, 'x'),
    ],
  };
}

function partsOf(samples: readonly Sample[]): object {
  const names = Object.keys(samples[0]?.parts ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      Number(
        percentile(
          samples.map((sample) => sample.parts[name] ?? Number.NaN),
          0.5,
        ).toFixed(1),
      ),
    ]),
  );
}

interface OneAlarm {
  readonly stage: Stage;
  readonly pool: pg.Pool;
  readonly client: Client;
  readonly kind: 'job' | 'read';
  readonly mark: string;
}

/** Sends one alarm and, when all is over, asks every part what time it was. */
async function alarm({ stage, pool, client, kind, mark }: OneAlarm): Promise<Sample> {
  const body = JSON.stringify({
    name: `bench_${kind}`,
    severity: 'fatal',
    dedup_key: mark,
    labels: { host: 'web1', mark },
    starts_at: new Date().toISOString(),
  });
  const began = now();
  const answer = await fetch(`${stage.url}/hooks/generic`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.token('generic')}`, 'content-type': 'application/json' },
    body,
  });
  const answered = now();
  if (answer.status !== 202) throw new Error(`the alarm was answered with ${answer.status}: ${await answer.text()}`);
  const { ids } = (await answer.json()) as { readonly ids: readonly number[] };
  const ran = await stamp(stage, mark);
  const row = await ended(pool, ids[0] ?? 0);
  const history = await client.workflow.getHandle(`run/${row.incident}.1`).fetchHistory();
  const time = (type: string, index = 0) => {
    const event = (history.events ?? []).filter((one) => one[`${type}EventAttributes` as keyof typeof one] != null)[index];
    return Number(event?.eventTime?.seconds ?? 0) * 1_000 + Number(event?.eventTime?.nanos ?? 0) / 1e6;
  };
  const act = (history.events ?? []).find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'ssh');
  const scheduled = Number(act?.eventTime?.seconds ?? 0) * 1_000 + Number(act?.eventTime?.nanos ?? 0) / 1e6;
  return {
    total: ran - began,
    parts: {
      post_to_insert: row.accepted_at - began,
      insert_to_answer: answered - row.accepted_at,
      insert_to_incident: row.created_at - row.accepted_at,
      incident_to_start: time('workflowExecutionStarted') - row.created_at,
      start_to_activity: scheduled - time('workflowExecutionStarted'),
      activity_to_command: ran - scheduled,
    },
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

async function stamp({ lab }: Stage, mark: string): Promise<number> {
  for (let n = 0; n < 400; n++) {
    await sleep(25);
    const { code, stdout } = await lab.exec('web1', ['cat', `/tmp/bench-${mark}`]);
    if (code === 0 && stdout.trim() !== '') return Number(BigInt(stdout.trim()) / 1_000n) / 1_000;
  }
  throw new Error(`the command of ${mark} did not run within 10 s`);
}

async function ended(
  pool: pg.Pool,
  alarm: number,
): Promise<{ readonly incident: string; readonly accepted_at: number; readonly created_at: number }> {
  for (let n = 0; n < 400; n++) {
    const { rows } = await pool.query(
      'select a.incident, extract(epoch from a.accepted_at)::float8 * 1000 as accepted_at, extract(epoch from r.created_at)::float8 * 1000 as created_at from alarm a join run r on r.alarm = a.id where a.id = $1 and r.ended_at is not null',
      [alarm],
    );
    if (rows[0] !== undefined) return rows[0];
    await sleep(25);
  }
  throw new Error(`the run of alarm ${alarm} did not end within 10 s`);
}

/** A whole `ssh host true`: process, key exchange, authentication, command. */
async function coldSsh({ lab }: Stage, options: readonly string[]): Promise<number> {
  const host = lab.host('web1');
  const known = join(lab.folder, 'bench-known-hosts');
  if (readOr(known) === null)
    writeFileSync(known, `${host.port === 22 ? host.address : `[${host.address}]:${host.port}`} ${host.host_keys[0] ?? ''}\n`);
  const args = [
    ...options,
    '-F',
    'none',
    '-o',
    `UserKnownHostsFile=${known}`,
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentitiesOnly=yes',
    '-i',
    lab.key,
    '-p',
    String(host.port),
    `${host.user}@${host.address}`,
    'true',
  ];
  const began = now();
  await run('ssh', args);
  return now() - began;
}

function readOr(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
