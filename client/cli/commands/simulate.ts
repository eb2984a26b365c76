import type { Cli } from '../cli.ts';
import { inputsOf } from '../inputs.ts';
import type { CommandSpec, Given } from '../spec.ts';
import { severities } from '../../../workflows/domain/words.ts';
import { inputOption } from './plan.ts';

export const simulate: CommandSpec = {
  name: 'simulate',
  words: {
    en: 'play the whole run on a virtual clock: no server, no hosts, no people',
    zh: '在虚拟时钟上演练整个运行：不需要服务器、主机和人员',
  },
  args: [{ name: '<runbook>', words: { en: 'its name, or the path of its file', zh: '预案名或文件路径' } }],
  options: [
    inputOption,
    {
      flags: '-f, --fault <step=kind>',
      words: {
        en: 'what goes wrong where: fence=unreachable; step~ is its undo, step? its done_when',
        zh: '在哪里出什么错：fence=unreachable；step~ 为撤销，step? 为 done_when',
      },
      many: true,
    },
    { flags: '--severity <severity>', words: { en: 'line of escalation', zh: '升级线' }, choices: severities },
    { flags: '--approve', words: { en: 'people agree to every approval after a minute', zh: '每个审批一分钟后都通过' } },
    { flags: '--seed <n>', words: { en: 'of chance, where a script uses it', zh: '随机种子' } },
  ],
  examples: [
    'tocsin simulate isolate_host -i host=web-1 --approve',
    'tocsin simulate isolate_host -i host=web-1 --fault reach=unreachable --severity fatal',
  ],
  act,
};

async function act(cli: Cli, given: Given): Promise<number> {
  const { playRunbook } = await import('../simulate-runbook.ts');
  return playRunbook(cli, {
    runbook: given.arg(0),
    inputs: inputsOf(given.list('input')),
    faults: given.list('fault'),
    severity: given.text('severity'),
    approve: given.flag('approve'),
    seed: given.text('seed'),
  });
}
