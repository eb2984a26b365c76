import type { Cli } from '../cli.ts';
import type { Given, GroupSpec } from '../spec.ts';
import { usage } from '../errors.ts';
import { safe } from '../safe.ts';
import { table } from '../table.ts';
import type { AlarmRow } from '../wire.ts';
import { shortTime } from '../wire.ts';

export const alarm: GroupSpec = {
  name: 'alarm',
  words: { en: 'what monitors sent', zh: '监控发来的告警' },
  otherwise: 'list',
  commands: [
    {
      name: 'list',
      words: { en: 'newest first, with what became of each', zh: '最新在前，并说明各自的处置' },
      options: [
        { flags: '-n, --limit <n>', words: { en: 'how many (50)', zh: '条数（50）' } },
        { flags: '--incident <incident>', words: { en: 'only those that joined it', zh: '仅并入该事件的' } },
      ],
      examples: ['tocsin alarm list', 'tocsin alarm list --incident inc-7 --json'],
      act: list,
    },
    {
      name: 'show',
      words: { en: 'one alarm, as it was normalised', zh: '查看一条规范化后的告警' },
      args: [{ name: '<alarm>', words: { en: 'its number', zh: '编号' } }],
      examples: ['tocsin alarm show 41'],
      act: show,
    },
    {
      name: 'send',
      words: { en: 'post an alarm as a source of the site would', zh: '以站点来源的身份发送告警' },
      args: [{ name: '<name>', words: { en: 'its name', zh: '告警名' } }],
      options: [
        {
          flags: '--source <name>',
          words: { en: 'a source of site.yaml (else the first generic one)', zh: 'site.yaml 中的来源（否则取第一个 generic）' },
        },
        { flags: '--severity <word>', words: { en: "the source's own word, critical for example", zh: '来源自己的级别，如 critical' } },
        { flags: '--summary <text>', words: { en: 'one sentence', zh: '一句话说明' } },
        { flags: '-l, --label <key=value>', words: { en: 'a label', zh: '标签' }, many: true },
        { flags: '--key <text>', words: { en: 'identity, for repeats and resolve', zh: '标识，用于重复与恢复' } },
        { flags: '--resolved', words: { en: 'say that it is over', zh: '表示已恢复' } },
      ],
      examples: ['tocsin alarm send disk_full --severity critical -l host=web-1', 'tocsin alarm send disk_full -l host=web-1 --resolved'],
      act: send,
    },
  ],
};

async function list(cli: Cli, given: Given): Promise<void> {
  const query = new URLSearchParams({
    limit: given.text('limit') ?? '50',
    ...(given.text('incident') ? { incident: given.text('incident') ?? '' } : {}),
  });
  const { alarms } = await (await cli.api()).get<{ alarms: readonly AlarmRow[] }>(`/api/v1/alarms?${query}`);
  if (cli.json) return cli.document({ alarms });
  if (cli.quiet) return alarms.forEach((row) => cli.say(String(row.id)));
  if (alarms.length === 0) return cli.hint(cli.word('no_alarms'));
  const rows = alarms.map((row) => [
    row.id,
    shortTime(row.accepted_at, cli.now()),
    row.status,
    row.severity,
    row.name,
    row.count,
    [row.state, row.incident, row.reason].filter(Boolean).join(' '),
    row.summary,
  ]);
  for (const line of table(['ALARM', 'ACCEPTED', 'STATUS', 'SEVERITY', 'NAME', 'COUNT', 'BECAME', 'SUMMARY'], rows, cli.terminal.columns))
    cli.say(line);
}

async function show(cli: Cli, given: Given): Promise<void> {
  const answer = await (await cli.api()).get<{ alarm: AlarmRow } | AlarmRow>(`/api/v1/alarms/${encodeURIComponent(given.arg(0))}`);
  const row = 'alarm' in answer ? answer.alarm : answer;
  if (cli.json) return cli.document(row);
  if (cli.quiet) return cli.say(String(row.id));
  for (const [key, value] of Object.entries(row))
    cli.say(`${key.padEnd(16)} ${safe(typeof value === 'object' && value !== null ? JSON.stringify(value) : value)}`);
}

async function send(cli: Cli, given: Given): Promise<void> {
  const site = await cli.site();
  const wanted = given.text('source');
  const source = site.sources.find((one) => (wanted === null ? one.format === 'generic' : one.name === wanted));
  if (!source)
    throw usage(
      `cannot send the alarm: ${wanted === null ? 'site.yaml has no source of format generic' : `site.yaml has no source "${wanted}"`}`,
      `sources of the site: ${site.sources.map((one) => one.name).join(', ') || 'none; add one under sources:'}`,
    );
  const { tokenOf } = await import('../token.ts');
  const token = tokenOf({ site: { folder: site.folder, operator_token: source.token }, token: null, environment: cli.environment });
  const labels = Object.fromEntries(given.list('label').map(pair));
  const event = {
    name: given.arg(0),
    status: given.flag('resolved') ? 'resolved' : 'firing',
    severity: given.text('severity'),
    summary: given.text('summary') ?? given.arg(0),
    labels,
    dedup_key: given.text('key'),
  };
  const filled = Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null));
  const hook =
    source.format === 'alertmanager'
      ? { path: '/hooks/alertmanager', body: asAlertmanager(filled) }
      : { path: '/hooks/generic', body: filled };
  const answer = await (await cli.api()).post<{ accepted?: unknown; ids?: readonly unknown[] }>(hook.path, hook.body, token);
  if (cli.json) return cli.document({ type: 'accepted', source: source.name, ...answer });
  cli.say(cli.quiet ? String(answer.ids?.[0] ?? '') : cli.word('alarm_sent', { id: answer.ids?.join(', ') ?? given.arg(0) }));
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`cannot read the label "${text}": it should be key=value`, 'for example -l host=web-1');
  return [text.slice(0, at), text.slice(at + 1)];
}

function asAlertmanager(event: Readonly<Record<string, unknown>>): unknown {
  const labels = {
    ...(event['labels'] as Record<string, string>),
    alertname: event['name'],
    ...(event['severity'] ? { severity: event['severity'] } : {}),
  };
  return {
    version: '4',
    status: event['status'],
    alerts: [
      {
        status: event['status'],
        labels,
        annotations: { summary: event['summary'] },
        ...(event['dedup_key'] ? { fingerprint: event['dedup_key'] } : {}),
      },
    ],
  };
}
