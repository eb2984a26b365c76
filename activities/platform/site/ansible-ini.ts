import type { Finding } from '../../../workflows/domain/finding.ts';
import type { Json, JsonMap } from '../../../workflows/domain/words.ts';
import { groupOf, type Groups } from './ansible-groups.ts';
import { expandRange } from './ansible-range.ts';
import { error } from './files.ts';

/** Ansible's INI inventory. https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html */
export function parseIni(text: string, file: string, problems: Finding[]): Groups {
  const groups: Groups = new Map();
  let group = 'ungrouped';
  let part = 'hosts';
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return;
    const section = /^\[([^\]:]+)(?::(vars|children))?\]\s*([#;].*)?$/.exec(line);
    if (section !== null) {
      group = section[1]!.trim();
      part = section[2] ?? 'hosts';
      groupOf(groups, group);
      return;
    }
    if (line.startsWith('['))
      return void problems.push(
        error(file, 'E-ANSIBLE', `the section ${line} cannot be read`, 'write [group], [group:vars] or [group:children]', index + 1),
      );
    if (part === 'children') return addChild(groups, group, line);
    if (part === 'vars') return addVar(groups, group, line);
    addHosts(groups, group, line, (message) => problems.push(error(file, 'E-ANSIBLE', message, 'write name[01:10]', index + 1)));
  });
  return groups;
}

function addChild(groups: Groups, group: string, line: string): void {
  const child = line.split(/\s+/)[0]!;
  groupOf(groups, child);
  groupOf(groups, group).children.add(child);
}

function addVar(groups: Groups, group: string, line: string): void {
  const [, key = '', value = ''] = /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? [];
  if (key !== '') (groupOf(groups, group).vars as JsonMap)[key] = valueOf(value.replace(/\s+#.*$/, ''));
}

function addHosts(groups: Groups, group: string, line: string, complain: (message: string) => void): void {
  const [first = '', ...rest] = wordsOf(line);
  const vars: JsonMap = {};
  for (const word of rest) {
    const at = word.indexOf('=');
    if (at > 0) vars[word.slice(0, at)] = valueOf(word.slice(at + 1));
  }
  const names = expandRange(first);
  if (names === null) return complain(`the range "${first}" cannot be read`);
  for (const name of names) {
    const [, plain = name, port = ''] = /^([^:]+):(\d+)$/.exec(name) ?? [];
    groupOf(groups, group).hosts.set(plain, {
      ...groupOf(groups, group).hosts.get(plain),
      ...(port === '' ? {} : { ansible_port: Number(port) }),
      ...vars,
    });
  }
}

/** Words as a shell would cut them; `#` begins a comment. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)) {
    if (word.startsWith('#')) break;
    words.push(word);
  }
  return words;
}

/** Numbers and booleans as Ansible reads them on one line; everything else is text. */
function valueOf(written: string): Json {
  const text = written.trim().replaceAll(/"([^"]*)"|'([^']*)'/g, (_, a: string | undefined, b: string | undefined) => a ?? b ?? '');
  if (text !== written.trim()) return text;
  if (/^-?\d+(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text)))) return /^-?0\d/.test(text) ? text : Number(text);
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}
