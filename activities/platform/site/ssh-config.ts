import { readFile } from 'node:fs/promises';
import type { Finding } from '../../../workflows/domain/finding.ts';
import { error, warning } from './files.ts';
import type { FoundHost } from './found-host.ts';

interface Block {
  readonly patterns: readonly string[];
  readonly options: Map<string, { readonly value: string; readonly line: number }>;
}

interface Inventory {
  readonly hosts: readonly FoundHost[];
  readonly problems: readonly Finding[];
}

const refused: Readonly<Record<string, string>> = {
  include: 'name that file under import.ssh_config in hosts.yaml as well',
  match: 'write the host under "hosts" in hosts.yaml',
  proxycommand: 'use ProxyJump',
};
/** Options that would weaken or change what we promise; they are not followed. */
const ignored: Readonly<Record<string, string>> = {
  stricthostkeychecking: 'host keys are always checked',
  hostkeyalias: 'pin the key with host_keys in hosts.yaml',
  forwardagent: 'agents are never forwarded',
};

/**
 * Hosts of an OpenSSH client configuration: every `Host` without a wildcard. As in OpenSSH the first value wins, in the order of
 * the file, over all blocks that match. https://man.openbsd.org/ssh_config
 */
export async function readSshConfig(file: string): Promise<Inventory> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return {
      hosts: [],
      problems: [error(file, 'E-FILE', 'the file cannot be read', 'check the path under import.ssh_config in hosts.yaml')],
    };
  }
  return parseSshConfig(text, file);
}

export function parseSshConfig(text: string, file: string): Inventory {
  const problems: Finding[] = [];
  const blocks = blocksOf(text, file, problems);
  const names = [...new Set(blocks.flatMap(({ patterns }) => patterns.filter((pattern) => !/[*?!]/.test(pattern))))];
  return { hosts: names.map((name) => hostOf(name, blocks, file, problems)), problems };
}

function blocksOf(text: string, file: string, problems: Finding[]): Block[] {
  const blocks: Block[] = [{ patterns: ['*'], options: new Map() }];
  let usable = true;
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const [, key = '', rest = ''] = /^(\S+?)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
    const word = key.toLowerCase();
    const number = index + 1;
    if (refused[word] !== undefined) problems.push(error(file, 'E-SSH-CONFIG', `${key} is not read`, refused[word], number));
    // A Match block is left out whole: what stands in it counts only under its condition.
    if (word === 'match') usable = false;
    else if (word === 'host') {
      usable = true;
      blocks.push({ patterns: wordsOf(rest), options: new Map() });
    } else if (usable && refused[word] === undefined) {
      if (ignored[word] !== undefined)
        problems.push(warning(file, 'W-SSH-CONFIG', `${key} is not followed: ${ignored[word]}`, null, number));
      const { options } = blocks.at(-1)!;
      if (!options.has(word)) options.set(word, { value: wordsOf(rest).join(' '), line: number });
    }
  });
  return blocks;
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quotedText, word]) => quotedText ?? word ?? '');
}

function hostOf(name: string, blocks: readonly Block[], file: string, problems: Finding[]): FoundHost {
  const option = (key: string) => blocks.find(({ patterns, options }) => options.has(key) && matches(name, patterns))?.options.get(key);
  const port = option('port');
  const number = port === undefined ? undefined : Number(port.value);
  if (port !== undefined && !(Number.isInteger(number) && number! > 0 && number! < 65_536))
    problems.push(error(file, 'E-SSH-CONFIG', `Port "${port.value}" is not a port`, null, port.line));
  const jump = option('proxyjump');
  const value = {
    address: option('hostname')?.value.replaceAll('%h', name),
    port: number,
    user: option('user')?.value,
    key: fileOf(option('identityfile')?.value, name),
    known_hosts: fileOf(option('userknownhostsfile')?.value.split(' ')[0], name),
    jump:
      jump === undefined || jump.value.toLowerCase() === 'none'
        ? undefined
        : jump.value.split(',').map((hop) => hopName(hop, file, jump.line, problems)),
  };
  return { name, ...(Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<FoundHost>) };
}

function fileOf(value: string | undefined, name: string): string | undefined {
  return value === undefined || value === 'none' ? undefined : value.replaceAll('%h', name).replaceAll('%d', '~');
}

function hopName(hop: string, file: string, line: number, problems: Finding[]): string {
  if (/[@:]/.test(hop))
    problems.push(
      error(
        file,
        'E-SSH-CONFIG',
        `ProxyJump "${hop}" names a user or port`,
        'give the jump host a Host block of its own and name that',
        line,
      ),
    );
  return hop
    .replace(/^ssh:\/\//, '')
    .replace(/^.*@/, '')
    .replace(/:\d+$/, '');
}

function matches(name: string, patterns: readonly string[]): boolean {
  const fits = (pattern: string) =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replace(/\*+/g, '.*')
        .replaceAll('?', '.')}$`,
    ).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}
