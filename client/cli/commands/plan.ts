import { inputsOf } from '../inputs.ts';
import type { CommandSpec, OptionSpec } from '../spec.ts';

export const inputOption: OptionSpec = {
  flags: '-i, --input <key=value>',
  words: { en: 'an input; key:=json for JSON', zh: '输入；JSON 用 key:=json' },
  many: true,
};

export const plan: CommandSpec = {
  name: 'plan',
  words: { en: 'what a run would do, on which hosts; reaches nothing', zh: '预览运行会做什么、在哪些主机上；不接触任何主机' },
  args: [{ name: '<runbook>', words: { en: 'its name, or the path of its file', zh: '预案名或文件路径' } }],
  options: [inputOption],
  examples: ['tocsin plan isolate_host -i host=web-1', 'tocsin plan ./runbooks/mine.yaml --json'],
  act: async (cli, given) => {
    const { planRunbook } = await import('../local.ts');
    const planned = await planRunbook(cli, given.arg(0), inputsOf(given.list('input')));
    if (cli.json)
      return cli.document({
        runbook: planned.name,
        version: planned.version,
        hash: planned.hash,
        inputs: planned.inputs,
        targets: planned.targets,
        plan: planned.plan,
      });
    if (cli.quiet) return cli.say(planned.hash);
    const { planLines } = await import('../plan-text.ts');
    for (const line of planLines(cli, planned)) cli.say(line);
  },
};
