import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import { freePorts } from '../../worker/services/ports.ts';
import { inventoryText } from '../lab/inventory.ts';
import { createLab } from '../lab/lab.ts';
import type { Lab, LabHost } from '../lab/spec.ts';
import { openMailbox, type Mailbox } from './mailbox.ts';
import { tocsin, type Ran, type RunOptions } from './tocsin.ts';

export interface StageOptions {
  readonly hosts: readonly LabHost[];
  /** Extra files of the site by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly people?: string;
  /** More variables of a host, once its addresses are known. */
  readonly vars?: (host: Host) => JsonMap;
  /** `false` = loopback hosts even as root. */
  readonly namespaces?: boolean;
  readonly say?: (line: string) => void;
}

/** Everything a user has: hosts, a mail server, a site made by `tocsin init`, and the platform running on it. */
export interface Stage {
  readonly lab: Lab;
  readonly mailbox: Mailbox;
  readonly folder: string;
  readonly url: string;
  /** Token by file name below the site's secrets. */
  readonly token: (name: 'operator' | 'alertmanager' | 'generic') => string;
  readonly tocsin: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
  /** Ends all of it, whatever state it is in. */
  readonly close: () => Promise<void>;
}

const somebody = `people:
  chen: { title: Chen Wei, mail: chen@example.test, roles: [on_duty, level_1, incident_commander] }
  li: { title: Li Na, mail: li@example.test, roles: [incident_commander, security, operations] }
  wu: { title: Wu Min, mail: wu@example.test, language: zh, roles: [level_2, technical_lead] }
`;

export async function openStage(options: StageOptions): Promise<Stage> {
  const say = options.say ?? (() => undefined);
  const undo: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await Promise.resolve(step()).catch((error: unknown) => say(`clean up: ${String(error)}`));
  };
  try {
    const lab = await createLab({ hosts: options.hosts, ...(options.namespaces === undefined ? {} : { namespaces: options.namespaces }) });
    undo.push(() => lab.stop());
    say(`${lab.hosts.length} hosts answer ssh (${lab.kind})`);
    const mailbox = await openMailbox();
    undo.push(() => mailbox.close());
    const room = realpathSync(mkdtempSync(join(tmpdir(), 'tocsin-stage-')));
    // The account that runs PostgreSQL must get through to its data.
    chmodSync(room, 0o755);
    undo.push(() => rmSync(room, { recursive: true, force: true }));
    const folder = join(room, 'site');
    const run = (args: readonly string[], more: RunOptions = {}): Promise<Ran> =>
      tocsin(args, { ...more, env: { TOCSIN_AS: 'chen', ...more.env, TOCSIN_SITE: folder } });
    must(await run(['init', folder]));
    const inventory = inventoryText(lab.hosts.map((host) => ({ ...host, vars: { ...host.vars, ...options.vars?.(host) } })));
    const port = await settle(folder, {
      mail: mailbox.port,
      people: options.people ?? somebody,
      files: { 'hosts.yaml': inventory, ...options.files },
    });
    const checked = await run(['check']);
    // Warnings are the product's advice; an error would only show much later, as something that never happens.
    if (checked.code === 1) must(checked);
    undo.push(() => run(['down']));
    must(await run(['up', '--detach']));
    say(`platform is up on 127.0.0.1:${port}`);
    return {
      lab,
      mailbox,
      folder,
      url: `http://127.0.0.1:${port}`,
      token: (name) => readFileSync(join(folder, 'secrets', `${name}.token`), 'utf8').trim(),
      tocsin: run,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The site as a person would edit it after `tocsin init`. */
async function settle(
  folder: string,
  { mail, people, files }: { readonly mail: number; readonly people: string; readonly files: Readonly<Record<string, string>> },
): Promise<number> {
  const [listen, engine, http, metrics, records] = (await freePorts(5)) as [number, number, number, number, number];
  const file = join(folder, 'site.yaml');
  const text = readFileSync(file, 'utf8')
    .replace(/^listen:.*$/m, `listen: { host: 127.0.0.1, port: ${listen} }`)
    .replace(/^engine:.*$/m, `engine: { port: ${engine}, http_port: ${http}, metrics_port: ${metrics} }`)
    .replace(/^records:.*$/m, `records: { port: ${records} }`);
  writeFileSync(file, `${text}\nmail: { host: 127.0.0.1, port: ${mail}, from: "Tocsin <tocsin@example.test>" }\n`);
  writeFileSync(join(folder, 'people.yaml'), people);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return listen;
}

export function must(ran: Ran): Ran {
  if (ran.code === 0) return ran;
  throw new Error(`tocsin ended with ${ran.code}:\n${ran.err}\n${ran.out}`);
}
