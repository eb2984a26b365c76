import type { Cli } from '../cli.ts';
import type { ArgumentSpec, CommandSpec, Given, GroupSpec, OptionSpec, Words } from '../spec.ts';
import { severities } from '../../../workflows/domain/words.ts';
import { safe } from '../safe.ts';
import { table } from '../table.ts';
import type { IncidentRow, Line } from '../wire.ts';
import { shortTime } from '../wire.ts';
import { drawIncident } from '../watch/draw-incident.ts';
import { logLine } from '../watch/draw.ts';

const incidentArg: ArgumentSpec = { name: '<incident>', words: { en: 'inc-7', zh: 'inc-7' } };
const reason: OptionSpec = { flags: '-r, --reason <text>', words: { en: 'why, for the audit', zh: '原因，写入审计' } };

export const incident: GroupSpec = {
  name: 'incident',
  words: { en: 'who has it, what is next, how it ended', zh: '谁在处理、下一步是什么、结果如何' },
  otherwise: 'list',
  commands: [
    {
      name: 'list',
      words: { en: 'open ones; --all for every one', zh: '未解决的；--all 列出全部' },
      options: [{ flags: '--all', words: { en: 'resolved ones too', zh: '包括已解决的' } }],
      examples: ['tocsin incident list --all'],
      act: list,
    },
    {
      name: 'show',
      words: { en: 'state, next event, timeline', zh: '状态、下一步、时间线' },
      args: [incidentArg],
      examples: ['tocsin incident show inc-7'],
      act: show,
    },
    acting('ack', { en: 'I take it: stops the escalation', zh: '由我处理：停止升级' }, 'acknowledge', 'tocsin incident ack inc-7'),
    acting('resolve', { en: 'it is over', zh: '已解决' }, 'resolve', 'tocsin incident resolve inc-7 --reason "disk replaced"'),
    acting('hand-over', { en: 'give the command to somebody', zh: '移交指挥' }, 'hand_over', 'tocsin incident hand-over inc-7 wu', {
      name: '<person>',
      key: 'to',
      words: { en: 'name in people.yaml', zh: 'people.yaml 中的姓名' },
    }),
    acting('severity', { en: 'judge it anew', zh: '重新定级' }, 'severity', 'tocsin incident severity inc-7 severe', {
      name: '<severity>',
      key: 'severity',
      words: { en: severities.join(', '), zh: severities.join('、') },
    }),
    acting(
      'note',
      { en: 'write a line into the timeline', zh: '在时间线写一条记录' },
      'note',
      'tocsin incident note inc-7 "vendor called, 20 min"',
      { name: '<text>', key: 'text', words: { en: 'what to write', zh: '内容' } },
    ),
    {
      name: 'report',
      words: { en: 'the report, drawn from the records', zh: '根据记录生成的报告' },
      args: [incidentArg],
      options: [{ flags: '-o, --output <file>', words: { en: 'write it there; .html gives HTML', zh: '写入文件；.html 则为 HTML' } }],
      examples: ['tocsin incident report inc-7', 'tocsin incident report inc-7 -o inc-7.html'],
      act: report,
    },
    {
      name: 'declare',
      words: { en: 'open one by hand', zh: '手工宣布事件' },
      args: [{ name: '<title>', words: { en: 'what is wrong', zh: '出了什么问题' } }],
      options: [
        { flags: '--severity <severity>', words: { en: 'fatal, severe, general', zh: 'fatal、severe、general' }, choices: severities },
        { flags: '--service <name>', words: { en: 'what it hits', zh: '受影响的服务' } },
      ],
      examples: ['tocsin incident declare "office network down" --severity severe'],
      act: declare,
    },
  ],
};

interface Extra {
  readonly name: string;
  readonly key: string;
  readonly words: Words;
}

function acting(name: string, words: Words, kind: string, example: string, extra?: Extra): CommandSpec {
  return {
    name,
    words,
    args: extra ? [incidentArg, extra] : [incidentArg],
    options: [reason],
    examples: [example],
    act: (cli, given) => move(cli, given, kind, extra),
  };
}

async function move(cli: Cli, given: Given, kind: string, extra: Extra | undefined): Promise<void> {
  const id = given.arg(0);
  if (extra?.key === 'severity' && !severities.some((word) => word === given.arg(1))) {
    const { usage } = await import('../errors.ts');
    throw usage(
      `cannot set the severity "${given.arg(1)}": it is one of ${severities.join(', ')}`,
      `tocsin incident severity ${id} severe`,
    );
  }
  const body = {
    id: crypto.randomUUID(),
    by: cli.by,
    reason: given.text('reason') ?? '',
    kind,
    ...(extra ? { [extra.key]: given.arg(1) } : {}),
  };
  const answer = await (await cli.api()).post<{ status?: string }>(`/api/v1/incidents/${encodeURIComponent(id)}/moves`, body);
  if (cli.json) return cli.document({ type: 'accepted', incident: id, move: kind, status: answer.status ?? null });
  if (cli.quiet) return cli.say(id);
  cli.say(cli.word('incident_moved', { move: kind.replace('_', ' '), incident: id }));
}

async function list(cli: Cli, given: Given): Promise<void> {
  const answer = await (
    await cli.api()
  ).get<{ incidents: readonly IncidentRow[] }>(`/api/v1/incidents${given.flag('all') ? '?all=true' : ''}`);
  if (cli.json) return cli.document({ incidents: answer.incidents });
  if (cli.quiet) return answer.incidents.forEach((row) => cli.say(safe(row.id)));
  if (answer.incidents.length === 0) return cli.hint(cli.word('no_incidents'));
  const rows = answer.incidents.map((row) => [
    row.id,
    row.severity,
    row.phase,
    row.commander ?? row.acknowledged_by ?? '-',
    shortTime(row.opened_at, cli.now()),
    row.title,
  ]);
  for (const line of table(['INCIDENT', 'SEVERITY', 'PHASE', 'WHO', 'OPENED', 'TITLE'], rows, cli.terminal.columns)) cli.say(line);
}

async function show(cli: Cli, given: Given): Promise<void> {
  const api = await cli.api();
  const id = encodeURIComponent(given.arg(0));
  const answer = await api.get<{ incident: IncidentRow } | IncidentRow>(`/api/v1/incidents/${id}`);
  const row = 'incident' in answer ? answer.incident : answer;
  const { timeline } = await api.get<{ timeline: readonly Line[] }>(`/api/v1/incidents/${id}/timeline`);
  if (cli.json) return cli.document({ ...answer, timeline });
  if (cli.quiet) return cli.say(safe(row.id));
  for (const line of [...drawIncident(cli, row, cli.now()), ...timeline.map((one) => logLine(cli, one, cli.now()))]) cli.say(line);
}

async function report(cli: Cli, given: Given): Promise<void> {
  const file = given.text('output');
  const kind = file?.endsWith('.html') ? 'html' : 'md';
  const text = await (await cli.api()).text(`/api/v1/incidents/${encodeURIComponent(given.arg(0))}/report.${kind}`);
  if (file === null)
    return cli.json ? cli.document({ incident: given.arg(0), report: text }) : cli.raw(text.endsWith('\n') ? text : `${text}\n`);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, text);
  if (cli.json) return cli.document({ incident: given.arg(0), path: file });
  cli.say(cli.word('report_written', { path: file }));
}

async function declare(cli: Cli, given: Given): Promise<void> {
  const body = { title: given.arg(0), severity: given.text('severity') ?? 'general', service: given.text('service'), by: cli.by };
  const answer = await (await cli.api()).post<{ incident: string | { id: string } }>('/api/v1/incidents', body);
  const id = typeof answer.incident === 'string' ? answer.incident : answer.incident.id;
  if (cli.json) return cli.document({ type: 'declared', incident: id });
  cli.say(cli.quiet ? id : cli.word('declared', { incident: id, title: body.title }));
}
