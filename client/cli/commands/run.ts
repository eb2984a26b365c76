import type { Cli } from '../cli.ts';
import type { CommandSpec, Given } from '../spec.ts';
import { modes } from '../../../workflows/domain/words.ts';
import { inputsOf } from '../inputs.ts';

export const run: CommandSpec = {
  name: 'run',
  words: { en: 'start a runbook', zh: '启动预案' },
  args: [{ name: '<runbook>', words: { en: 'its name', zh: '预案名' } }],
  options: [
    { flags: '-i, --input <key=value>', words: { en: 'an input; key:=json for JSON', zh: '输入；JSON 用 key:=json' }, many: true },
    { flags: '-r, --reason <text>', words: { en: 'why, for the audit', zh: '原因，写入审计' } },
    {
      flags: '--mode <mode>',
      words: { en: 'live (default), drill, sandbox', zh: 'live（默认）、drill、sandbox' },
      choices: modes.filter((mode) => mode !== 'simulate'),
    },
    {
      flags: '-w, --wait',
      words: { en: 'stay until it ends; exit 7 when only a person can move it', zh: '等到结束；需要人处理时退出码为 7' },
    },
  ],
  examples: [
    'tocsin run restart -i group=web --reason "new certificate" --yes',
    'tocsin run isolate_host -i host=web-1 --confirm=web-1 --wait',
    'tocsin run isolate_host -i host=web-1 --mode drill',
  ],
  act,
};

async function act(cli: Cli, given: Given): Promise<number | void> {
  const { startRun } = await import('../start-run.ts');
  const row = await startRun(cli, {
    runbook: given.arg(0),
    inputs: inputsOf(given.list('input')),
    reason: given.text('reason') ?? '',
    mode: given.text('mode') ?? 'live',
  });
  if (given.flag('wait')) {
    const { follow } = await import('../watch/follow.ts');
    return follow(cli, await cli.api(), { run: row.id, untilPerson: true });
  }
  if (cli.json)
    return cli.document({
      type: 'started',
      run: row.id,
      runbook: row.runbook,
      version: row.version,
      title: row.title,
      plan_hash: row.plan_hash ?? null,
    });
  if (cli.quiet) return cli.say(row.id);
  cli.say(cli.word('started', { run: row.id, title: row.title }));
  cli.hint(cli.word('started_hint', { run: row.id }));
}
