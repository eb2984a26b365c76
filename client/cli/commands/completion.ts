import { usage } from '../errors.ts';
import type { CommandSpec, Entry } from '../spec.ts';
import { isGroup } from '../spec.ts';
import { globalOptions } from '../globals.ts';

export const completion: CommandSpec = {
  name: 'completion',
  words: { en: 'words for the shell to complete', zh: '生成命令行补全脚本' },
  args: [{ name: '<shell>', words: { en: 'bash', zh: 'bash' } }],
  examples: ['tocsin completion bash > ~/.local/share/bash-completion/completions/tocsin'],
  act: async (cli, given) => {
    if (given.arg(0) !== 'bash')
      throw usage(`cannot write a completion for "${given.arg(0)}": only bash is known`, 'tocsin completion bash');
    const { entries } = await import('./index.ts');
    cli.raw(bash(entries));
  },
};

/** A self-contained script: no call of ours on each Tab, so it works with the platform down. */
export function bash(entries: readonly Entry[]): string {
  const globals = words(globalOptions.map((option) => option.flags));
  const cases = entries.flatMap((entry) => {
    if (!isGroup(entry)) return [`    '${entry.name} '*) words='${words((entry.options ?? []).map((option) => option.flags))}' ;;`];
    return [
      ...entry.commands.map(
        (spec) => `    '${entry.name} ${spec.name} '*) words='${words((spec.options ?? []).map((option) => option.flags))}' ;;`,
      ),
      `    '${entry.name} '*) words='${entry.commands.map((spec) => spec.name).join(' ')}' ;;`,
    ];
  });
  return `_tocsin() {
  local current=\${COMP_WORDS[COMP_CWORD]} line="\${COMP_WORDS[*]:1:COMP_CWORD-1} " words
  case "$line" in
${cases.join('\n')}
    *) words='${entries.map((entry) => entry.name).join(' ')}' ;;
  esac
  case "$current" in -*) words="$words ${globals}" ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _tocsin tocsin
`;
}

function words(flags: readonly string[]): string {
  return flags
    .flatMap((flag) => flag.split(/[ ,]+/))
    .filter((word) => word.startsWith('-'))
    .join(' ');
}
