import type { Cli } from '../cli.ts';
import { span } from '../duration.ts';
import { exit } from '../exit.ts';
import type { CommandSpec, Given } from '../spec.ts';
import { table } from '../table.ts';
import { shortTime } from '../wire.ts';

/** The platform of a site: engine, records, worker and server together. */
export const platform: readonly CommandSpec[] = [
  {
    name: 'up',
    words: { en: 'start engine, records, worker and server', zh: '启动引擎、记录库、worker 与服务' },
    options: [{ flags: '-d, --detach', words: { en: 'leave it running and come back', zh: '在后台运行并返回' } }],
    examples: ['tocsin up', 'tocsin up --detach --site my-site'],
    act: up,
  },
  {
    name: 'down',
    words: { en: 'stop it in order; runs go on after the next start', zh: '按顺序停止；下次启动后运行会继续' },
    examples: ['tocsin down'],
    act: down,
  },
  {
    name: 'status',
    words: { en: 'what runs, since when, how often it died', zh: '正在运行的部分、起始时间、重启次数' },
    examples: ['tocsin status --json'],
    act: status,
  },
  {
    name: 'doctor',
    words: { en: 'what is missing, and the command that mends it', zh: '缺什么，以及如何修复' },
    examples: ['tocsin doctor'],
    act: doctor,
  },
];

async function up(cli: Cli, given: Given): Promise<void> {
  const begun = Date.now();
  const site = await cli.site();
  const environment = cli.environment as NodeJS.ProcessEnv;
  const ready = (): void => {
    if (cli.json) cli.document({ type: 'ready', site: site.folder, url: site.url, seconds: (Date.now() - begun) / 1000 });
    else cli.say(cli.word('ready', { span: span(Date.now() - begun) }));
  };
  const door = await import('../../../worker/up.ts');
  if (given.flag('detach')) {
    await door.detach({ site, env: environment, say: cli.hint });
    return ready();
  }
  await door.up({
    site,
    env: environment,
    say: cli.hint,
    onReady: () => {
      ready();
      cli.hint(cli.word('up_hint'));
    },
  });
}

async function down(cli: Cli): Promise<void> {
  const site = await cli.site();
  const { down: stop } = await import('../../../worker/up.ts');
  const parts = await stop({ site, say: cli.hint });
  if (cli.json) return cli.document({ type: 'down', stopped: parts });
  if (parts.length === 0) return cli.hint(cli.word('not_running'));
  cli.say(cli.quiet ? parts.join('\n') : `${cli.word('stopped')}: ${parts.join(', ')}`);
}

async function status(cli: Cli): Promise<number> {
  const { status: look } = await import('../../../worker/up.ts');
  const site = await cli.site();
  const parts = look(site, cli.environment as NodeJS.ProcessEnv);
  const all = parts.every((part) => part.state === 'running' || part.state === 'elsewhere');
  if (cli.json) cli.document({ site: site.folder, url: site.url, ok: all, parts });
  else {
    const rows = parts.map((part) => [
      part.name,
      part.state,
      part.pid ?? '-',
      part.port ?? '-',
      shortTime(part.since, cli.now()),
      part.restarts,
      part.last_end ?? '-',
    ]);
    for (const line of table(['PART', 'STATE', 'PID', 'PORT', 'SINCE', 'RESTARTS', 'LAST END'], rows, cli.terminal.columns)) cli.say(line);
    if (!all) cli.hint('tocsin up --detach   or   tocsin doctor');
  }
  return all ? exit.done : exit.unreachable;
}

async function doctor(cli: Cli): Promise<number> {
  return (await import('../doctor.ts')).tellDoctor(cli);
}
