import type { Finding } from '../../../workflows/domain/finding.ts';
import type { Json, JsonMap } from '../../../workflows/domain/words.ts';
import { parseYaml } from '../yaml/yaml.ts';
import { groupOf, type Groups } from './ansible-groups.ts';
import { expandRange } from './ansible-range.ts';
import { error } from './files.ts';

/** Ansible's YAML inventory: groups by name, each with `hosts`, `vars`, `children`. */
export async function parseAnsibleYaml(text: string, file: string, problems: Finding[]): Promise<Groups> {
  const groups: Groups = new Map();
  const { value, flaws } = await parseYaml(text, { own: true });
  problems.push(...flaws.map((flaw) => ({ file, level: 'error' as const, ...flaw })));
  for (const [name, group] of Object.entries(mapOf(value)))
    readGroup(groups, name, mapOf(group), (message) =>
      problems.push(error(file, 'E-ANSIBLE', message, 'see the form of an Ansible YAML inventory')),
    );
  return groups;
}

function readGroup(groups: Groups, name: string, group: JsonMap, complain: (message: string) => void): void {
  const own = groupOf(groups, name);
  for (const key of Object.keys(group))
    if (!['hosts', 'vars', 'children'].includes(key)) complain(`group "${name}" has the unknown key "${key}"`);
  Object.assign(own.vars, mapOf(group['vars'] ?? null));
  for (const [pattern, vars] of Object.entries(mapOf(group['hosts'] ?? null))) {
    const names = expandRange(pattern);
    if (names === null) complain(`the range "${pattern}" cannot be read`);
    for (const host of names ?? []) own.hosts.set(host, { ...own.hosts.get(host), ...mapOf(vars) });
  }
  for (const [child, inner] of Object.entries(mapOf(group['children'] ?? null))) {
    own.children.add(child);
    readGroup(groups, child, mapOf(inner), complain);
  }
}

function mapOf(value: Json): JsonMap {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
