import { join } from 'node:path';
import type { GroupSpec } from '../spec.ts';

export const config: GroupSpec = {
  name: 'config',
  words: { en: 'where things are', zh: '各文件的位置' },
  otherwise: 'path',
  commands: [
    {
      name: 'path',
      words: { en: 'folder and files of the site in use', zh: '当前站点的目录与文件' },
      examples: ['tocsin config path'],
      act: async (cli) => {
        const folder = cli.siteFolder();
        if (cli.quiet) return cli.say(folder);
        const site = await cli.site();
        const places = {
          site: join(folder, 'site.yaml'),
          hosts: join(folder, 'hosts.yaml'),
          people: join(folder, 'people.yaml'),
          runbooks: site.runbooks,
          data: site.data,
          url: site.url,
        };
        if (cli.json) return cli.document(places);
        for (const [name, place] of Object.entries(places))
          cli.say(`${name.padEnd(10)} ${Array.isArray(place) ? place.join('  ') : String(place)}`);
      },
    },
  ],
};
