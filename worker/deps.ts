import type { Logger } from 'pino';
import type { Binder } from '../activities/bind.ts';
import type { Deps } from '../activities/deps.ts';
import { createMailer } from '../activities/notify/mailer.ts';
import { readSecret } from '../activities/platform/secrets.ts';
import { siteReader } from '../activities/platform/site/index.ts';
import { createSshPool } from '../activities/platform/ssh/pool.ts';
import { createPool } from '../activities/records/pool.ts';
import { createRecords } from '../activities/records/records.ts';
import { inRange } from '../runbooks/language/version.ts';
import { openShelf } from '../runbooks/shelf.ts';
import type { Shelf } from '../runbooks/shelf.ts';
import { TocsinError } from '../activities/platform/errors.ts';

export interface WorkerDeps {
  readonly deps: Deps;
  readonly shelf: Shelf;
  readonly close: () => Promise<void>;
}

export interface WorkerDepsOptions {
  /** Folder of the site. */
  readonly folder: string;
  /** URL of the records. */
  readonly records: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
}

/** Everything hands are given, made once. Nothing here waits for a server: what is down is asked again by who needs it. */
export async function openDeps({ folder, records: url, env, log }: WorkerDepsOptions): Promise<WorkerDeps> {
  const live = await siteReader(folder, {
    onProblem: (problems) =>
      log.warn({ problems: problems.slice(0, 10) }, 'the changed site cannot be used: the one before stays in force'),
    onChange(site) {
      for (const host of hosts) if (!site.hosts.some((now) => JSON.stringify(now) === JSON.stringify(host))) ssh.forget(host);
      hosts = site.hosts;
      log.info({ folder }, 'the site was read again');
    },
  });
  let { hosts } = live.site();
  const ssh = createSshPool({
    lookup: (name) => live.site().hosts.find((host) => host.name === name),
    secret: (name) => env[name],
    agent: env['SSH_AUTH_SOCK'] ?? null,
  });
  const pool = createPool({
    url,
    name: 'tocsin worker',
    max: 20,
    onLost: (error) => log.warn({ err: error }, 'a connection to the records was lost'),
  });
  const mailer = createMailer({ mail: () => live.site().mail, secret: (ref) => readSecret('mail', { mail: ref }) });
  const shelf = await openShelf({ site: live.site, onError: (error) => log.warn({ err: error }, 'the runbooks cannot be read') });
  const deps: Deps = { site: live.site, ssh, records: createRecords(pool), mailer, log, now: Date.now };
  return {
    deps,
    shelf,
    async close() {
      live.close();
      shelf.close();
      ssh.close();
      mailer.close();
      await pool.end();
    },
  };
}

/** How a nested run finds its runbook: the newest of the shelf, if the step's range has it. */
export function binderOf(shelf: Shelf): Binder {
  return {
    async bind({ name, version, inputs }) {
      const loaded = shelf.get(name);
      if (version !== null && !inRange(loaded.plan.version, version)) {
        throw new TocsinError(`cannot find runbook "${name}" in version "${version}": the newest is ${loaded.plan.version}`, {
          code: 'E-RUNBOOK-VERSION',
          hint: 'widen the range of the step, or add the version',
        });
      }
      return { plan: loaded.plan, hash: loaded.hash, ...shelf.bind(loaded, inputs) };
    },
  };
}
