import { say } from '../../workflows/domain/catalogue/index.ts';
import { line, severityWord, statusWord, type LineOptions } from '../../workflows/domain/catalogue/line.ts';
import { clockTime, span } from '../../workflows/domain/catalogue/span.ts';
import { toMarkdown, toPage, type Block } from './document.ts';
import type { ReportFacts, ReportRun } from './facts.ts';

export interface Rendered {
  readonly markdown: string;
  readonly html: string;
}

/** The report of an incident, from its facts alone: the same facts give the same text. */
export function renderReport(facts: ReportFacts, options: LineOptions): Rendered {
  const blocks = [
    ...summary(facts, options),
    ...impact(facts, options),
    ...timeline(facts, options),
    ...people(facts, options),
    ...steps(facts, options),
    ...deliveries(facts, options),
    ...followUps(facts, options),
  ];
  return { markdown: toMarkdown(blocks), html: toPage(blocks, options.language) };
}

function summary({ incident, drawn_at }: ReportFacts, options: LineOptions): readonly Block[] {
  const { language, timezone } = options;
  const took = (ms: number | null, by: string | null) => {
    if (ms === null) return say(language, 'report.not_yet');
    return by === null ? span(language, ms) : say(language, 'report.by', { span: span(language, ms), by: who(by, options) });
  };
  const rows: readonly (readonly [string, string])[] = [
    [say(language, 'report.severity'), severityWord(incident.severity, language)],
    [say(language, 'report.service'), incident.service ?? '–'],
    [say(language, 'report.state'), say(language, `phase.${incident.phase}`)],
    [say(language, 'report.commander'), incident.commander ?? '–'],
    [
      say(language, 'report.opened'),
      `${clockTime(incident.opened_at, timezone)} (${timezone})${timezone === 'UTC' ? '' : ` = ${clockTime(incident.opened_at, 'UTC')} UTC`}`,
    ],
    [say(language, 'report.to_acknowledge'), took(incident.acknowledge_ms, incident.acknowledged_by)],
    [say(language, 'report.to_respond'), took(incident.respond_ms, null)],
    [say(language, 'report.to_recover'), took(incident.recover_ms, null)],
    [say(language, 'report.to_resolve'), took(incident.resolve_ms, incident.resolved_by)],
  ];
  return [
    { type: 'title', text: say(language, 'report.title', { incident: incident.id, title: incident.title }) },
    ...(incident.phase === 'resolved' ? [] : [{ type: 'text', text: say(language, 'report.interim') } as const]),
    { type: 'heading', text: say(language, 'report.summary') },
    { type: 'table', head: ['', ''], rows },
    { type: 'small', text: say(language, 'report.foot', { time: `${clockTime(drawn_at, 'UTC')} UTC` }) },
  ];
}

function impact({ alarms }: ReportFacts, { language }: LineOptions): readonly Block[] {
  const heading = { type: 'heading', text: say(language, 'report.impact') } as const;
  if (alarms.length === 0) return [heading, { type: 'text', text: say(language, 'report.no_alarms') }];
  const count = alarms.reduce((sum, alarm) => sum + Number(alarm.count ?? 0), 0);
  const unique = (values: readonly string[]) => [...new Set(values)];
  return [
    heading,
    {
      type: 'text',
      text: say(language, 'report.alarm_count', {
        count,
        sources: unique(alarms.map((alarm) => alarm.source)),
        names: unique(alarms.map((alarm) => alarm.name)),
      }),
    },
    { type: 'list', items: alarms.map((alarm) => `${alarm.name}: ${alarm.summary} ×${alarm.count ?? 0}`) },
  ];
}

function timeline({ timeline: lines, more_lines }: ReportFacts, options: LineOptions): readonly Block[] {
  const { language, timezone } = options;
  const utc = timezone === 'UTC' ? [] : [say(language, 'report.utc')];
  const head = [
    say(language, 'report.time', { zone: timezone }),
    ...utc,
    say(language, 'report.event'),
    say(language, 'report.who'),
    say(language, 'report.where'),
  ];
  const rows = lines.map((each) => [
    clockTime(each.at, timezone),
    ...utc.map(() => clockTime(each.at, 'UTC').slice(11)),
    line(each, options),
    each.by === null ? '' : who(each.by, options),
    [each.step, each.node].filter((part) => part !== null).join(' @ '),
  ]);
  return [
    { type: 'heading', text: say(language, 'report.timeline') },
    { type: 'table', head, rows },
    ...(more_lines > 0 ? [{ type: 'small', text: `+ ${more_lines}` } as const] : []),
  ];
}

/** Lines that only repeat what another line says of the same person. */
const echoes = new Set(['acked', 'approval.voted', 'approval.granted', 'run.started']);

/** `alarm:prometheus` and the like are not people. */
function isPerson(by: string): boolean {
  return by !== 'tocsin' && !/^(alarm|schedule|run):/.test(by);
}

function people({ timeline: lines }: ReportFacts, options: LineOptions): readonly Block[] {
  const acts = new Map<string, string[]>();
  for (const each of lines) {
    if (each.by === null || !isPerson(each.by) || echoes.has(each.code)) continue;
    const list = acts.get(each.by) ?? [];
    list.push(`${clockTime(each.at, options.timezone).slice(11)} ${line(each, options)}${each.step === null ? '' : ` (${each.step})`}`);
    acts.set(each.by, list);
  }
  const heading = { type: 'heading', text: say(options.language, 'report.people') } as const;
  if (acts.size === 0) return [heading, { type: 'text', text: say(options.language, 'report.nobody') }];
  return [heading, ...[...acts].flatMap(([by, items]) => [{ type: 'subheading', text: by } as const, { type: 'list', items } as const])];
}

function steps({ runs }: ReportFacts, options: LineOptions): readonly Block[] {
  const heading = { type: 'heading', text: say(options.language, 'report.steps') } as const;
  if (runs.length === 0) return [heading, { type: 'text', text: say(options.language, 'report.no_runs') }];
  return [heading, ...runs.flatMap((run) => runBlocks(run, options))];
}

function runBlocks(run: ReportRun, { language }: LineOptions): readonly Block[] {
  const text = say(language, 'report.run', {
    run: run.id,
    title: run.title,
    version: run.version,
    mode: run.mode,
    by: run.by,
    status: statusWord(run.status, language),
    span: run.span_ms === null ? '–' : span(language, run.span_ms),
  });
  const head = [
    say(language, 'report.step'),
    say(language, 'report.outcome'),
    say(language, 'report.duration'),
    say(language, 'report.detail'),
  ];
  const rows = run.steps.map((step) => [
    step.title === step.id ? step.id : `${step.title} (${step.id})`,
    [
      statusWord(step.status, language),
      ...(step.of > 1 ? [`${step.done}/${step.of}`] : []),
      ...(step.undone && step.status !== 'undone' ? [say(language, 'report.undone')] : []),
    ].join(', '),
    step.span_ms === null ? '' : span(language, step.span_ms),
    step.problem ?? '',
  ]);
  return [
    { type: 'subheading', text },
    ...(run.problem?.message ? [{ type: 'text', text: run.problem.message } as const] : []),
    { type: 'table', head, rows },
  ];
}

function deliveries({ deliveries: rows }: ReportFacts, options: LineOptions): readonly Block[] {
  const { language, timezone } = options;
  const heading = { type: 'heading', text: say(language, 'report.deliveries') } as const;
  if (rows.length === 0) return [heading, { type: 'text', text: say(language, 'report.no_deliveries') }];
  const head = [
    say(language, 'report.time', { zone: timezone }),
    say(language, 'report.person'),
    say(language, 'report.channel'),
    say(language, 'report.event'),
    say(language, 'report.status'),
    say(language, 'report.answer'),
  ];
  return [
    heading,
    {
      type: 'table',
      head,
      rows: rows.map((row) => [
        clockTime(row.sent_at ?? row.queued_at, timezone),
        row.person,
        row.channel,
        row.template,
        row.attempts > 1 ? `${statusWord(row.status, language)} (×${row.attempts})` : statusWord(row.status, language),
        row.status === 'sent' ? (row.answer ?? '') : (row.problem ?? row.answer ?? ''),
      ]),
    },
  ];
}

function followUps({ follow_ups }: ReportFacts, { language, timezone }: LineOptions): readonly Block[] {
  const heading = { type: 'heading', text: say(language, 'report.follow_ups') } as const;
  if (follow_ups.length === 0) return [heading, { type: 'text', text: say(language, 'report.no_follow_ups') }];
  return [
    heading,
    {
      type: 'list',
      items: follow_ups.map(
        (item) =>
          `${clockTime(item.opened_at, timezone)} ${item.note}${item.step === null ? '' : ` (${item.step})`}${item.owner === null ? '' : `: ${item.owner}`}`,
      ),
    },
  ];
}

function who(by: string, { language }: LineOptions): string {
  return by === 'tocsin' ? say(language, 'report.tocsin') : by;
}
