import { resolve } from 'node:path';
import { exit } from '../exit.ts';
import type { CommandSpec } from '../spec.ts';

export const check: CommandSpec = {
  name: 'check',
  words: { en: 'validate the whole site: files, hosts, people, runbooks', zh: '校验整个站点：文件、主机、人员、预案' },
  args: [{ name: '[folder]', words: { en: 'the site; else as everywhere', zh: '站点目录；否则同其他命令' } }],
  examples: ['tocsin check', 'tocsin check my-site --json'],
  act: async (cli, given) => {
    const [{ checkSite }, { findSite }, { tellFindings }] = await Promise.all([
      import('../../../runbooks/check.ts'),
      import('../find-site.ts'),
      import('../findings.ts'),
    ]);
    const folder =
      given.args[0] === undefined
        ? cli.siteFolder()
        : findSite({ typed: resolve(cli.cwd, given.arg(0)), environment: undefined, cwd: cli.cwd });
    const { site, library, problems } = await checkSite(folder);
    const counts = { count: library.runbooks.length, hosts: site?.hosts.length ?? 0, people: site?.people.length ?? 0 };
    const code = tellFindings(cli, problems, { site: folder, runbooks: counts.count, hosts: counts.hosts, people: counts.people });
    if (!cli.json && code !== exit.failed) cli.say(cli.word('check_ok', { what: folder, ...counts }));
    return code;
  },
};
