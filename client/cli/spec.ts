import type { Language } from '../../workflows/domain/words.ts';
import type { Cli } from './cli.ts';

export type Words = Readonly<Record<Language, string>>;

/** `flags` as in `-i, --input <key=value>`; `many` gathers repeats into a list. */
export interface OptionSpec {
  readonly flags: string;
  readonly words: Words;
  readonly many?: boolean;
  readonly choices?: readonly string[];
}

/** `<run>` required, `[step]` optional, `[words...]` the rest. */
export interface ArgumentSpec {
  readonly name: string;
  readonly words: Words;
}

/** One command: help, completion and docs/cli.md are drawn from this. */
export interface CommandSpec {
  readonly name: string;
  readonly words: Words;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Lines a person can type; each is run by a test with `--help`. At least one. */
  readonly examples: readonly string[];
  /** Answers with an exit code; nothing means done. */
  readonly act: (cli: Cli, given: Given) => Promise<number | void>;
}

/** Commands of one noun. `otherwise` is what the bare noun does. */
export interface GroupSpec {
  readonly name: string;
  readonly words: Words;
  readonly otherwise?: string;
  readonly commands: readonly CommandSpec[];
}

export type Entry = CommandSpec | GroupSpec;

export function isGroup(entry: Entry): entry is GroupSpec {
  return 'commands' in entry;
}

/** What was typed, read by name. */
export class Given {
  readonly args: readonly string[];
  private readonly options: Readonly<Record<string, unknown>>;

  constructor(args: readonly string[], options: Readonly<Record<string, unknown>>) {
    this.args = args;
    this.options = options;
  }

  arg(index: number): string {
    return this.args[index] ?? '';
  }

  text(name: string): string | null {
    const value = this.options[name];
    return typeof value === 'string' ? value : null;
  }

  flag(name: string): boolean {
    return this.options[name] === true;
  }

  list(name: string): readonly string[] {
    const value = this.options[name];
    return Array.isArray(value) ? value.map(String) : [];
  }
}
