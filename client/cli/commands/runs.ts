import type { Cli } from '../cli.ts';
import type { GroupSpec, Given } from '../spec.ts';
import { exit } from '../exit.ts';
import { safe } from '../safe.ts';
import { table } from '../table.ts';
import type { Line, RunRow } from '../wire.ts';
import { shortTime } from '../wire.ts';
import { drawRun, logLine } from '../watch/draw.ts';

export const runs: GroupSpec = {
  name: 'runs',
  words: { en: 'what runs and what ran', zh: '正在运行和已运行的' },
  otherwise: 'list',
  commands: [
    {
      name: 'list',
      words: { en: 'newest first', zh: '最新在前' },
      options: [
        { flags: '--status <status>', words: { en: 'only this status', zh: '仅此状态' } },
        { flags: '-n, --limit <n>', words: { en: 'how many (20)', zh: '条数（20）' } },
      ],
      examples: ['tocsin runs', 'tocsin runs list --status running --json'],
      act: list,
    },
    {
      name: 'show',
      words: { en: 'plan, states and what is next', zh: '预案、状态和下一步' },
      args: [run()],
      examples: ['tocsin runs show run-12'],
      act: show,
    },
    {
      name: 'log',
      words: { en: 'timeline, or what hosts printed', zh: '时间线，或主机输出' },
      args: [run(), { name: '[step]', words: { en: 'output of this step', zh: '该步骤的输出' } }],
      options: [{ flags: '--node <name>', words: { en: 'only this host', zh: '仅此主机' } }],
      examples: ['tocsin runs log run-12', 'tocsin runs log run-12 collect --node web-1'],
      act: log,
    },
  ],
};

function run() {
  return { name: '<run>', words: { en: 'run-12 or inc-7.1', zh: 'run-12 或 inc-7.1' } };
}

async function list(cli: Cli, given: Given): Promise<void> {
  const api = await cli.api();
  const query = new URLSearchParams({
    limit: given.text('limit') ?? '20',
    ...(given.text('status') ? { status: given.text('status') ?? '' } : {}),
  });
  const answer = await api.get<{ runs: readonly RunRow[] }>(`/api/v1/runs?${query}`);
  if (cli.json) return cli.document({ runs: answer.runs });
  if (cli.quiet) return answer.runs.forEach((row) => cli.say(safe(row.id)));
  if (answer.runs.length === 0) return cli.hint(cli.word('no_runs'));
  const rows = answer.runs.map((row) => [row.id, row.status, row.runbook, shortTime(row.created_at, cli.now()), row.by, row.title]);
  for (const line of table(['RUN', 'STATUS', 'RUNBOOK', 'STARTED', 'BY', 'TITLE'], rows, cli.terminal.columns)) cli.say(line);
}

async function show(cli: Cli, given: Given): Promise<void> {
  const row = await fetchRun(cli, given.arg(0));
  if (cli.json) return cli.document(row);
  if (cli.quiet) return cli.say(safe(row.id));
  for (const line of drawRun(cli, row, cli.now(), 10_000)) cli.say(line);
  cli.say(
    safe(
      `runbook ${row.runbook} v${row.version}, started by ${row.by} at ${shortTime(row.created_at, cli.now())}${row.reason ? `: ${row.reason}` : ''}`,
    ),
  );
  if (row.problem?.message) cli.say(safe(`problem: ${row.problem.message}`));
  if (row.problem?.hint) cli.hint(safe(row.problem.hint));
}

async function log(cli: Cli, given: Given): Promise<number | void> {
  const api = await cli.api();
  const [id, step, node] = [encodeURIComponent(given.arg(0)), given.args[1], given.text('node')];
  if (step !== undefined || node !== null) {
    const query = new URLSearchParams({ ...(step ? { step } : {}), ...(node ? { node } : {}) });
    const answer = await api.get<{ output: readonly { step: string; node: string; stream: string; text: string }[] }>(
      `/api/v1/runs/${id}/output?${query}`,
    );
    for (const piece of answer.output) {
      if (cli.json) cli.document(piece);
      else
        for (const line of piece.text.replace(/\n$/, '').split('\n'))
          cli.say(`${safe(piece.node || piece.step)}${piece.stream === 'stderr' ? '!' : ' '} ${safe(line)}`);
    }
    return exit.done;
  }
  const answer = await api.get<{ timeline: readonly Line[] }>(`/api/v1/runs/${id}/timeline?after=-1`);
  for (const line of answer.timeline) {
    if (cli.json) cli.document(line);
    else cli.say(logLine(cli, line, cli.now()));
  }
}

export async function fetchRun(cli: Cli, id: string): Promise<RunRow> {
  const api = await cli.api();
  const answer = await api.get<{ run: RunRow } | RunRow>(`/api/v1/runs/${encodeURIComponent(id)}`);
  return 'run' in answer ? answer.run : answer;
}
