import type { Cli } from '../cli.ts';
import { exit } from '../exit.ts';
import { safe } from '../safe.ts';
import type { GroupSpec } from '../spec.ts';
import { table } from '../table.ts';

export const people: GroupSpec = {
  name: 'people',
  words: { en: 'who can be reached, and how', zh: '可以联系谁、怎样联系' },
  otherwise: 'list',
  commands: [
    { name: 'list', words: { en: 'people, roles, contacts', zh: '人员、角色、联系方式' }, examples: ['tocsin people list'], act: list },
    {
      name: 'check',
      words: { en: 'whether every role that a tier pages has somebody who can be reached', zh: '检查每个升级层级的角色是否都有可联系的人' },
      examples: ['tocsin people check --json'],
      act: check,
    },
  ],
};

async function list(cli: Cli): Promise<void> {
  const site = await cli.site();
  if (cli.json) return cli.document({ people: site.people });
  if (cli.quiet) return site.people.forEach((person) => cli.say(safe(person.name)));
  if (site.people.length === 0) return cli.hint(cli.word('no_people'));
  const rows = site.people.map((person) => [
    person.name,
    person.title,
    person.mail ?? '-',
    person.phone ?? '-',
    person.language,
    person.roles.join(', '),
  ]);
  for (const line of table(['NAME', 'TITLE', 'MAIL', 'PHONE', 'LANG', 'ROLES'], rows, cli.terminal.columns)) cli.say(line);
}

/** Roles the standard tiers page; without them a fatal incident is paged to nobody. */
const tierRoles = ['on_duty', 'level_1', 'level_2', 'all_hands'] as const;

async function check(cli: Cli): Promise<number> {
  const site = await cli.site();
  const findings: { level: 'error' | 'warning'; message: string }[] = [];
  for (const role of tierRoles) {
    const holders = site.people.filter((person) => person.roles.includes(role));
    if (holders.length === 0 && role !== 'all_hands')
      findings.push({ level: 'error', message: `nobody has the role "${role}": a page to it reaches nobody` });
  }
  for (const person of site.people)
    if (person.mail === null)
      findings.push({ level: 'warning', message: `"${person.name}" has no mail address: mail pages cannot reach them` });
  if (site.mail === null) findings.push({ level: 'warning', message: 'site.yaml has no mail server: no mail is sent' });
  if (cli.json) cli.document({ findings });
  else for (const finding of findings) cli.say(safe(`${finding.level}  ${finding.message}`));
  if (findings.some((finding) => finding.level === 'error')) return exit.failed;
  if (!cli.json && findings.length === 0) cli.say(`ok  ${site.people.length}`);
  return findings.length > 0 ? exit.warnings : exit.done;
}
