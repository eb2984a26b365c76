import { resolve } from 'node:path';
import { tellFindings } from '../findings.ts';
import type { Cli } from '../cli.ts';
import { exit } from '../exit.ts';
import { safe } from '../safe.ts';
import type { Given, GroupSpec } from '../spec.ts';
import { table } from '../table.ts';

export const runbook: GroupSpec = {
  name: 'runbook',
  words: { en: 'the files: list, lint, print, schema, test', zh: '预案文件：列表、检查、打印、模式、测试' },
  otherwise: 'list',
  commands: [
    { name: 'list', words: { en: 'runbooks the site can use', zh: '站点可用的预案' }, examples: ['tocsin runbook list'], act: list },
    {
      name: 'lint',
      words: { en: 'errors and warnings with file, line and hint', zh: '错误与警告，含文件、行号和提示' },
      args: [{ name: '[file...]', words: { en: 'files; else all of the site', zh: '文件；否则为站点全部预案' } }],
      examples: ['tocsin runbook lint', 'tocsin runbook lint runbooks/mine.yaml --json'],
      act: lint,
    },
    {
      name: 'print',
      words: { en: 'for paper: tick boxes, time and initials', zh: '打印成纸质：勾选框、时间、签名' },
      args: [{ name: '<runbook>', words: { en: 'its name or file', zh: '预案名或文件' } }],
      examples: ['tocsin runbook print isolate_host > isolate_host.md'],
      act: print,
    },
    {
      name: 'schema',
      words: { en: 'JSON Schema for editors', zh: '供编辑器使用的 JSON Schema' },
      examples: ['tocsin runbook schema > runbook.schema.json'],
      act: schema,
    },
    {
      name: 'test',
      words: { en: 'run *.test.yaml on a virtual clock', zh: '在虚拟时钟上运行 *.test.yaml' },
      args: [{ name: '[file...]', words: { en: 'files; else all of the site', zh: '文件；否则为站点全部测试' } }],
      examples: ['tocsin runbook test', 'tocsin runbook test runbooks/mine.test.yaml'],
      act: test,
    },
  ],
};

async function list(cli: Cli): Promise<number> {
  const { openLibrary } = await import('../local.ts');
  const { runbooks, problems } = await openLibrary(cli);
  const broken = problems.filter((problem) => problem.level === 'error');
  if (cli.json)
    cli.document({
      runbooks: runbooks.map(({ plan, ...one }) => ({
        ...one,
        title: plan.title,
        owner: plan.owner,
        severity: plan.severity,
        triggers: plan.triggers.map((trigger) => trigger.on),
        steps: plan.steps.length,
      })),
      problems: broken,
    });
  else if (cli.quiet) runbooks.forEach((one) => cli.say(one.name));
  else {
    const rows = runbooks.map(({ plan, version, name }) => [
      name,
      version,
      plan.severity,
      plan.triggers.map((trigger) => trigger.on).join(','),
      plan.steps.length,
      plan.title,
    ]);
    if (rows.length > 0)
      for (const line of table(['RUNBOOK', 'V', 'SEVERITY', 'STARTED BY', 'STEPS', 'TITLE'], rows, cli.terminal.columns)) cli.say(line);
    else cli.hint(cli.word('no_runbooks'));
    for (const file of new Set(broken.map((problem) => problem.file))) cli.hint(`${safe(file)} cannot be used: tocsin runbook lint`);
  }
  return broken.length > 0 ? exit.warnings : exit.done;
}

async function lint(cli: Cli, given: Given): Promise<number> {
  const { openLibrary } = await import('../local.ts');
  const { readRunbook } = await import('../../../runbooks/library.ts');
  const files = given.args.map((file) => resolve(cli.cwd, file));
  const problems =
    files.length === 0 ? (await openLibrary(cli)).problems : (await Promise.all(files.map(readRunbook))).flatMap((read) => read.problems);
  return tellFindings(cli, problems);
}

async function print(cli: Cli, given: Given): Promise<void> {
  const { openRunbook } = await import('../local.ts');
  const found = await openRunbook(cli, given.arg(0));
  const { paper } = await import('../paper.ts');
  const text = paper(found, { printed_at: cli.now() });
  if (cli.json) return cli.document({ runbook: found.name, hash: found.hash, text });
  cli.raw(text);
}

async function schema(cli: Cli): Promise<void> {
  const { runbookSchema } = await import('../../../runbooks/language/schema.ts');
  cli.raw(`${JSON.stringify(runbookSchema(), null, 1)}\n`);
}

async function test(cli: Cli, given: Given): Promise<number> {
  return (await import('../test-runbooks.ts')).testRunbooks(
    cli,
    given.args.map((file) => resolve(cli.cwd, file)),
  );
}
