import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLab } from '../lab/lab.ts';
import { check, type Verdict } from './check.ts';
import { createChance } from './random.ts';
import { workFor, type Work } from './work.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult extends Verdict {
  readonly kills: Readonly<Record<'client' | 'session' | 'runner' | 'host', number>>;
  readonly seconds: number;
}

const clients = 2;
const atOnce = 10;

/** Compiled, so that a client is a plain process of the product's own code. */
function clientProgram(): string {
  const here = join(__dirname, 'client.js');
  return existsSync(here) ? here : join(__dirname, '..', '..', 'dist', 'test', 'chaos', 'client.js');
}

/** Kills clients, sshd sessions, runners and whole hosts at random while two clients do the same jobs; then compares with the journals. */
export async function chaosJobs(options: ChaosOptions): Promise<ChaosResult> {
  const chance = createChance(options.seed);
  const began = Date.now();
  const lab = await createLab({ hosts: [{ name: 'one' }, { name: 'two' }] });
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-chaos-'));
  const workFolder = join(folder, 'work');
  const owns = Array.from({ length: clients }, (_, at) => join(folder, `client-${at}`));
  for (const path of [workFolder, ...owns]) mkdirSync(path);
  const works: Work[] = [];
  const excused = new Set<string>();
  const kills = { client: 0, session: 0, runner: 0, host: 0 };
  const lives: ChildProcess[] = [];
  let over = false;

  function live(at: number): void {
    const child = spawn(process.execPath, [clientProgram(), workFolder, owns[at]!], { stdio: ['ignore', 'ignore', 'inherit'] });
    lives[at] = child;
    child.once('exit', () => {
      if (!over) live(at);
    });
  }

  function finished(work: Work): boolean {
    return owns.every((own) => existsSync(join(own, `${work.key}.note`)));
  }

  function refill(): void {
    const open = works.filter((work) => !finished(work)).length;
    for (let missing = atOnce - open; missing > 0; missing -= 1) {
      const host = chance.pick(lab.hosts);
      const key = `${options.seed}-${works.length}`;
      const journal = lab.kind === 'namespaces' ? '/tmp/journal' : join(lab.folder, host.name, 'tmp', 'journal');
      const work = workFor({ key, host, lines: chance.between(1, 200), pause: chance.pick(['0.01', '0.05', '0.1']), journal });
      works.push(work);
      writeFileSync(join(workFolder, `${key}.new`), JSON.stringify(work));
      renameSync(join(workFolder, `${key}.new`), join(workFolder, `${key}.json`));
    }
  }

  async function strike(): Promise<void> {
    const dice = chance.next();
    const host = chance.pick(lab.hosts).name;
    if (dice < 0.35) {
      kills.client += 1;
      lives[chance.between(0, clients - 1)]?.kill('SIGKILL');
    } else if (dice < 0.65) {
      if ((await lab.killSessions(host)) > 0) kills.session += 1;
    } else if (dice < 0.98) await killRunner(host);
    else if (lab.kind === 'namespaces') {
      kills.host += 1;
      for (const work of works) if (work.host.name === host && !finished(work)) excused.add(work.key);
      await lab.powerOff(host);
      await sleep(chance.between(0, 300));
      await lab.powerOn(host);
    }
  }

  /** Any process of a ledger that is not the command itself: runner, watcher, or the child about to become the command. */
  async function killRunner(host: string): Promise<void> {
    const listed = await lab.exec(host, ['pgrep', '-af', 'tocsin-job .* work ']);
    const lines = listed.stdout
      .split('\n')
      .filter((line) => line.includes('tocsin-job') && works.some((work) => line.includes(` ${work.key} `)));
    if (lines.length === 0) return;
    const line = chance.pick(lines);
    const work = works.find((one) => line.includes(` work ${one.key} `));
    if (work === undefined) return;
    excused.add(work.key);
    const killed = await lab.exec(host, ['kill', '-9', line.split(' ')[0]!]);
    if (killed.code === 0) kills.runner += 1;
  }

  function total(): number {
    return kills.client + kills.session + kills.runner + kills.host;
  }

  try {
    for (let at = 0; at < clients; at += 1) live(at);
    let told = 0;
    while (total() < options.kills) {
      refill();
      await sleep(chance.between(10, 160));
      await strike();
      if (total() - told >= 50) {
        told = total();
        options.say(`${told} kills, ${works.length} jobs, ${works.filter(finished).length} ended`);
      }
    }
    const deadline = Date.now() + 90_000;
    while (!works.every(finished) && Date.now() < deadline) await sleep(100);
    const journals = await Promise.all(
      lab.hosts.map((host) =>
        lab.exec(host.name, ['cat', lab.kind === 'namespaces' ? '/tmp/journal' : join(lab.folder, host.name, 'tmp', 'journal')]),
      ),
    );
    const verdict = check({ works, clients: owns, journal: journals.flatMap((answer) => answer.stdout.split('\n')), excused });
    return { ...verdict, kills, seconds: Math.round((Date.now() - began) / 1_000) };
  } finally {
    over = true;
    for (const child of lives) child.kill('SIGKILL');
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
