import type { MoveKind } from '../../../workflows/core/run.ts';
import { agree } from '../ask.ts';
import type { Cli } from '../cli.ts';
import { inputsOf } from '../inputs.ts';
import type { ArgumentSpec, CommandSpec, Given, OptionSpec, Words } from '../spec.ts';
import { fetchRun } from './runs.ts';

const reason: OptionSpec = { flags: '-r, --reason <text>', words: { en: 'why, for the audit', zh: '原因，写入审计' } };
const runArg: ArgumentSpec = { name: '<run>', words: { en: 'run-12 or inc-7.1', zh: 'run-12 或 inc-7.1' } };
const stepArg: ArgumentSpec = { name: '<step>', words: { en: 'id of the step', zh: '步骤编号' } };
const value: OptionSpec = {
  flags: '-i, --input <key=value>',
  words: { en: 'a value; key:=json for JSON', zh: '值；JSON 用 key:=json' },
  many: true,
};

/** What a person does to a run. Each becomes one validated update, applied once however often the line is lost and sent again. */
export const moves: readonly CommandSpec[] = [
  move(
    'approve',
    { en: 'let a waiting step go on', zh: '批准等待中的步骤' },
    { step: true, example: 'tocsin approve run-12 agree --reason "checked the lag"' },
  ),
  move(
    'reject',
    { en: 'refuse a waiting step', zh: '拒绝等待中的步骤' },
    { step: true, example: 'tocsin reject run-12 agree --reason "wrong cluster"' },
  ),
  move('pause', { en: 'begin no further step', zh: '不再开始新步骤' }, { example: 'tocsin pause run-12 --reason "talking to the vendor"' }),
  move('resume', { en: 'go on after a pause', zh: '暂停后继续' }, { example: 'tocsin resume run-12' }),
  move(
    'skip',
    { en: 'go on without a step', zh: '跳过步骤' },
    { step: true, needsReason: true, example: 'tocsin skip run-12 tell_users --reason "told by phone"' },
  ),
  move(
    'retry',
    { en: 'try a failed step again, also with changed arguments', zh: '重试失败的步骤，可改参数' },
    { step: true, values: 'args', example: 'tocsin retry run-12 fence -i on=db-2' },
  ),
  move(
    'take-over',
    { en: 'say that you did a step by hand, and give its outcome', zh: '声明已手工完成步骤并给出结果' },
    { step: true, values: 'out', needsReason: true, example: 'tocsin take-over run-12 fence --reason "pulled the plug"' },
  ),
  move(
    'confirm',
    { en: 'confirm a manual step, or that a step of unknown outcome did run', zh: '确认手工步骤，或确认结果未知的步骤已执行' },
    { step: true, example: 'tocsin confirm run-12 swap_disk --reason "new disk in slot 3"' },
  ),
  move(
    'abort',
    { en: 'stop a run: ask, undo, and say per host what is proven gone', zh: '中止运行：先请求、再回退，并逐主机说明是否确认停止' },
    { needsReason: true, dangerous: true, example: 'tocsin abort run-12 --reason "wrong host" --yes' },
  ),
];

interface Shape {
  readonly step?: boolean;
  readonly values?: 'args' | 'out';
  readonly needsReason?: boolean;
  readonly dangerous?: boolean;
  readonly example: string;
}

function move(name: string, words: Words, shape: Shape): CommandSpec {
  return {
    name,
    words,
    args: shape.step ? [runArg, stepArg] : [runArg],
    options: shape.values ? [reason, value] : [reason],
    examples: [shape.example],
    act: (cli, given) => act(cli, given, name.replace('-', '_') as MoveKind, shape),
  };
}

async function act(cli: Cli, given: Given, kind: MoveKind, shape: Shape): Promise<void> {
  const why = given.text('reason') ?? '';
  if (shape.needsReason && why === '') {
    const { usage } = await import('../errors.ts');
    throw usage(`cannot ${kind.replace('_', ' ')} without a reason: the audit must say why`, `add --reason "…"`);
  }
  const run = given.arg(0);
  if (shape.dangerous) {
    const row = await fetchRun(cli, run);
    await agree(cli, { risk: 'change', what: `${kind} ${row.id} (${row.title})`, target: row.id });
  }
  const body = {
    id: crypto.randomUUID(),
    by: cli.by,
    reason: why,
    kind,
    ...(shape.step ? { step: given.arg(1) } : {}),
    ...(shape.values ? { [shape.values]: inputsOf(given.list('input')) } : {}),
  };
  const answer = await (await cli.api()).post<{ status?: string }>(`/api/v1/runs/${encodeURIComponent(run)}/moves`, body);
  if (cli.json) return cli.document({ type: 'accepted', run, move: kind, step: given.args[1] ?? null, status: answer.status ?? null });
  if (cli.quiet) return cli.say(run);
  cli.say(cli.word('moved', { move: kind.replace('_', ' '), run }));
}
