import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createPool } from '../../activities/records/pool.ts';
import { createRecords } from '../../activities/records/records.ts';
import type { Records } from '../../activities/records/records.ts';
import { openSite } from '../../client/cli/open-site.ts';
import { startRunWorkflow } from '../../client/start.ts';
import { bind } from '../../runbooks/bind.ts';
import { readRunbook } from '../../runbooks/library.ts';
import { environmentOf } from '../../worker/connections.ts';
import { placeOf } from '../../worker/services/place.ts';
import type { PartName } from '../../worker/services/place.ts';
import { freePorts } from '../../worker/services/ports.ts';
import { processId, stopProcess } from '../../worker/services/process.ts';
import { waitForEngine } from '../../worker/services/temporal/engine.ts';
import { engineVersion } from '../../workflows/core/plan.ts';
import type { RunInput } from '../../workflows/core/run.ts';
import type { Site } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';

export interface PlatformOptions {
  /** Text of hosts.yaml. */
  readonly hosts: string;
  /** Files below `runbooks/`, by name. */
  readonly runbooks: { readonly [file: string]: string };
  /** Files of the site beside those that are made here, by name. */
  readonly files?: { readonly [file: string]: string };
  /** More lines of site.yaml. */
  readonly settings?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The whole product as `tocsin up` runs it, in a folder of its own: real records, engine, worker, server, supervised. */
export interface Platform {
  readonly site: Site;
  /** Starts it and resolves when all parts are up. */
  readonly up: () => Promise<void>;
  readonly pid: (part: PartName) => number;
  /** kill -9; the supervisor brings it back. */
  readonly kill: (part: PartName) => void;
  /** kill -9 of the supervisor and every part, in one moment. */
  readonly killAll: () => void;
  readonly records: () => Records;
  readonly start: (file: string, run: string, inputs?: JsonMap) => Promise<RunInput>;
  readonly client: () => Promise<Client>;
  readonly close: () => Promise<void>;
}

const root = join(__dirname, '..', '..').replace(/\/dist$/, '');

export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-site-'));
  // Open to the postgres account, or the records would stand elsewhere and stay behind.
  chmodSync(folder, 0o755);
  const [listen, engine, http_port, metrics_port, records] = await freePorts(5);
  mkdirSync(join(folder, 'runbooks'));
  writeFileSync(
    join(folder, 'site.yaml'),
    `name: test\ndata: data\nlisten: { host: 127.0.0.1, port: ${listen} }\nengine: { port: ${engine}, http_port: ${http_port}, metrics_port: ${metrics_port} }\nrecords: { port: ${records} }\noperator_token: { from: env, key: TOCSIN_TEST_TOKEN }\n${options.settings ?? ''}`,
  );
  for (const [file, text] of Object.entries(options.files ?? {})) writeFileSync(join(folder, file), text);
  writeFileSync(join(folder, 'hosts.yaml'), options.hosts);
  for (const [file, text] of Object.entries(options.runbooks)) writeFileSync(join(folder, 'runbooks', file), text);
  const site = await openSite(folder);
  const place = placeOf(site.data);
  const env = { ...process.env, TOCSIN_TEST_TOKEN: 'test-token', ...options.env };
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) delete env[name as never];
  let daemon: ChildProcess | null = null;
  let opened: { records: Records; end: () => Promise<void> } | null = null;
  let connection: Connection | null = null;

  function pid(part: PartName): number {
    const state = JSON.parse(readFileSync(place.state(part), 'utf8')) as { process: { pid: number } | null };
    if (state.process === null) throw new Error(`${part} does not run`);
    return state.process.pid;
  }

  async function up(): Promise<void> {
    const log = openSync(join(folder, 'up.log'), 'a');
    const child = spawn(process.execPath, [join(root, 'dist', 'worker', 'daemon.js')], {
      env: { ...env, TOCSIN_SITE: folder },
      stdio: ['ignore', log, log, 'ipc'],
      cwd: '/',
    });
    daemon = child;
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: { ready?: boolean; failed?: { message: string } }) => {
        if (message.ready) resolve();
        if (message.failed) reject(new Error(message.failed.message));
      });
      child.once('exit', (code) => reject(new Error(`up ended with ${code}, see ${folder}/up.log`)));
    });
  }

  function openRecords() {
    if (opened !== null) return opened;
    const pool = createPool({ url: environmentOf(site, {})['DATABASE_URL']!, max: 3 });
    opened = { records: createRecords(pool), end: () => pool.end() };
    return opened;
  }

  async function client(): Promise<Client> {
    const address = `127.0.0.1:${site.engine.port}`;
    await waitForEngine(address);
    connection ??= await Connection.connect({ address });
    return new Client({ connection });
  }

  return {
    site,
    up,
    pid,
    client,
    kill: (part) => void process.kill(pid(part), 'SIGKILL'),
    killAll() {
      const pids = [daemon!.pid!, pid('worker'), pid('server'), pid('engine'), pid('records'), ...backends(pid('records'))];
      for (const one of pids)
        try {
          process.kill(one, 'SIGKILL');
        } catch {
          /* gone already */
        }
    },
    records: () => openRecords().records,
    async start(file, run, inputs = {}) {
      const { runbook, problems } = await readRunbook(join(folder, 'runbooks', file));
      if (runbook === null) throw new Error(problems.map(({ message }) => message).join('; '));
      const bound = bind({ plan: runbook.plan, inputs, nodes: site.hosts });
      const input: RunInput = {
        run,
        incident: null,
        plan: runbook.plan,
        plan_hash: runbook.hash,
        engine_version: engineVersion,
        inputs: bound.inputs,
        targets: bound.targets,
        alarm: null,
        by: 'test',
        reason: 'test',
        mode: 'live',
        hold: null,
      };
      await openRecords().records.runs.create({ input });
      await startRunWorkflow(await client(), input);
      return input;
    },
    async close() {
      await connection?.close();
      await opened?.end().catch(() => undefined);
      const id = daemon?.pid === undefined ? null : processId(daemon.pid);
      if (id !== null) await stopProcess(id, { grace_ms: 60_000 });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Children of the postmaster: a machine that loses power takes them all. */
function backends(postmaster: number): readonly number[] {
  try {
    return readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
