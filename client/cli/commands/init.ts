import { resolve } from 'node:path';
import type { CommandSpec } from '../spec.ts';

export const init: CommandSpec = {
  name: 'init',
  words: { en: 'write a commented site to start from', zh: '生成带注释的初始站点' },
  args: [{ name: '<folder>', words: { en: 'an empty folder, or one to be made', zh: '空目录或待创建的目录' } }],
  examples: ['tocsin init my-site'],
  act: async (cli, given) => {
    const { initSite } = await import('../../../activities/platform/site/index.ts');
    const folder = given.arg(0);
    const files = await initSite(resolve(cli.cwd, folder));
    if (cli.json) return cli.document({ folder: resolve(cli.cwd, folder), files });
    if (cli.quiet) return cli.say(resolve(cli.cwd, folder));
    for (const file of files) cli.say(cli.word('written', { path: `${folder}/${file}` }));
    cli.hint(cli.word('init_next', { folder }));
  },
};
