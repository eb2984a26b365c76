import { Command, Option } from 'commander';
import type { Language } from '../../workflows/domain/words.ts';
import type { CommandSpec, Entry, GroupSpec, OptionSpec } from './spec.ts';
import { Given, isGroup } from './spec.ts';
import { usage } from './errors.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import { globalOptions } from './globals.ts';

export interface ProgramOptions {
  readonly entries: readonly Entry[];
  readonly language: Language;
  readonly version: string;
  readonly perform: (spec: CommandSpec, given: Given, globals: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** The commander tree of a command table. It prints help only; everything else is thrown as a usage error. */
export function makeProgram(options: ProgramOptions): Command {
  const program = settle(new Command('tocsin'), options);
  program.description(tagline[options.language]).usage('<command> …').version(options.version, '--version');
  for (const option of globalOptions) program.addOption(made(option, options.language));
  for (const entry of options.entries) {
    if (isGroup(entry)) addGroup(program, entry, options);
    else addCommand(program, entry, options);
  }
  program.addHelpText('after', footer[options.language]);
  program.action(() => {
    const typed = program.args[0];
    if (typed === undefined) program.help();
    else
      throw unknown(
        typed,
        options.entries.map((entry) => entry.name),
        'tocsin',
      );
  });
  return program;
}

function settle(command: Command, options: ProgramOptions): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError(false)
    .allowExcessArguments(true)
    .helpOption('-h, --help', options.language === 'zh' ? '显示帮助' : 'show help')
    .helpCommand(false)
    .configureOutput({ outputError: () => undefined, writeErr: () => undefined })
    .configureHelp({ showGlobalOptions: false });
}

function addGroup(program: Command, group: GroupSpec, options: ProgramOptions): void {
  const command = settle(program.command(group.name), options).description(group.words[options.language]);
  for (const spec of group.commands) addCommand(command, spec, options, group.name);
  const otherwise = group.commands.find((spec) => spec.name === group.otherwise);
  if (otherwise) for (const option of otherwise.options ?? []) command.addOption(made(option, options.language));
  command.action(async () => {
    const typed = command.args[0];
    if (typed !== undefined)
      throw unknown(
        typed,
        group.commands.map((spec) => spec.name),
        `tocsin ${group.name}`,
      );
    if (otherwise === undefined) command.help();
    else await options.perform(otherwise, new Given([], command.opts()), program.opts());
  });
}

function addCommand(parent: Command, spec: CommandSpec, options: ProgramOptions, group?: string): void {
  const command = settle(parent.command(spec.name), options).description(spec.words[options.language]).allowExcessArguments(false);
  for (const argument of spec.args ?? []) command.argument(argument.name, argument.words[options.language]);
  for (const option of spec.options ?? []) command.addOption(made(option, options.language));
  const heading = options.language === 'zh' ? '示例：' : 'Examples:';
  command.addHelpText('after', `\n${heading}\n${spec.examples.map((line) => `  $ ${line}`).join('\n')}`);
  command.action(async () => {
    // The bare noun shares options with its default command, so what the parent caught counts too.
    const inherited = group === undefined ? {} : parent.opts();
    const root = group === undefined ? parent : (parent.parent ?? parent);
    await options.perform(spec, new Given(command.args, { ...inherited, ...command.opts() }), root.opts());
  });
}

function made(spec: OptionSpec, language: Language): Option {
  const option = new Option(spec.flags, spec.words[language]);
  if (spec.many) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  if (spec.choices) option.choices([...spec.choices]);
  return option;
}

function unknown(typed: string, words: readonly string[], where: string): Error {
  const near = nearest(typed, words);
  return usage(
    `there is no command "${typed}" under ${where}: it is one of ${words.join(', ')}`,
    near ? `did you mean: ${where} ${near}` : `${where} --help`,
  );
}

const tagline: Readonly<Record<Language, string>> = {
  en: 'Emergency procedures that survive the death of any process, touch real hosts and reach real people.',
  zh: '应急预案自动化：进程可以死，预案不会断；直达真实主机，通知真实的人。',
};

const footer: Readonly<Record<Language, string>> = {
  en: `
Under stress:
  $ tocsin runs                      what is going on
  $ tocsin watch RUN                 live plan, next event, countdown (Ctrl-C lets go, it never aborts)
  $ tocsin approve RUN STEP          let a waiting step go on
  $ tocsin incident ack INCIDENT     I take it

Exit: 0 done, 1 failed, 2 usage, 3 warnings, 4 login, 5 not found, 6 still running, 7 waits for approval, 8 refused, 9 unreachable, 130 interrupted`,
  zh: `
紧急时：
  $ tocsin runs                      正在发生什么
  $ tocsin watch RUN                 实时查看预案、下一步和倒计时（Ctrl-C 只是离开，绝不中止）
  $ tocsin approve RUN STEP          批准等待中的步骤
  $ tocsin incident ack INCIDENT     由我处理

退出码：0 完成，1 失败，2 用法错误，3 有警告，4 需要登录，5 未找到，6 仍在运行，7 等待审批，8 被拒绝，9 无法连接，130 中断`,
};
