import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { line as sentence } from '../../workflows/domain/catalogue/line.ts';
import { must, type Stage } from '../support/stage.ts';
import { StoryError, until, type Narrator } from './narrate.ts';
import { makeWorld, type Incident, type Line, type Run, type World } from './world.ts';

export interface StoryOptions {
  readonly stage: Stage;
  readonly narrate: Narrator;
  /** Hosts with a network of their own. */
  readonly real: boolean;
  readonly ports: readonly number[];
  /** Where the report is left. */
  readonly folder: string;
}

export interface Played {
  readonly incident: string;
  readonly alarm_to_command_ms: number;
  readonly alarm_to_page_ms: number;
  readonly acknowledged_by: string;
  readonly acknowledged_ms: number;
  readonly steps: number;
  readonly isolated_ms: number;
  readonly reports: readonly string[];
}

export async function play(options: StoryOptions): Promise<Played> {
  const { stage, narrate, real } = options;
  const world = makeWorld(stage);
  const web = `http://${String(stage.lab.host('web-1').vars['service_address'])}:${options.ports[0]}/`;
  await breakIt(options, world, web);

  const name = real ? 'host_misbehaves' : 'service_misbehaves';
  const began = new Date();
  narrate.act('the monitor posts its alarm to /hooks/alertmanager');
  const posted = Date.now();
  const paged = stage.mailbox
    .wait((received) => /\/a\//.test(received.mail.text ?? ''), 30_000)
    .then((received) => ({ received, at: Date.now() }));
  paged.catch(() => undefined);
  await world.alarm({ name, host: 'web-1', status: 'firing', began });
  const incident = await until('an incident', async () => (await world.get<{ incidents: Incident[] }>('/incidents')).incidents[0] ?? null);
  narrate.act(`${incident.id} ${incident.severity.toUpperCase()} is open: ${incident.title}`);
  const run = await until(
    'the run of the incident',
    async () => (await world.get<{ runs: Run[] }>(`/incidents/${incident.id}`)).runs[0] ?? null,
  );
  const following = follow(options, world, run.id);

  const mail = await paged;
  narrate.act(`page delivered to ${mail.received.to.join(', ')}: "${mail.received.mail.subject ?? ''}"`);
  const acknowledged = await acknowledge(options, world, incident, mail.received.mail.text ?? '');

  const ended = await following;
  if (ended.status !== 'ok')
    throw new StoryError(`the isolation ended ${ended.status}: ${ended.problem?.message ?? ''}`, `tocsin runs show ${run.id}`);
  const lines = (await world.get<{ timeline: Line[] }>(`/runs/${run.id}/timeline`)).timeline;
  await seen(options, world, web);
  await backAgain(options, world, { web, name, began });
  const reports = await finish(options, incident.id);
  return {
    incident: incident.id,
    alarm_to_command_ms: firstAnswer(lines) - posted,
    alarm_to_page_ms: mail.at - posted,
    acknowledged_by: acknowledged.by,
    acknowledged_ms: acknowledged.at - posted,
    steps: ended.state?.steps.filter((step) => step.status === 'ok').length ?? 0,
    isolated_ms: (lines.find((one) => one.code === 'step.ok' && one.step === 'silent')?.at ?? lines.at(-1)?.at ?? posted) - posted,
    reports,
  };
}

async function breakIt({ stage, narrate }: StoryOptions, world: World, web: string): Promise<void> {
  for (const name of ['web-1', 'web-2']) {
    const started = await stage.lab.exec(name, [String(stage.lab.host(name).vars['svc']), 'start', 'web']);
    if (started.code !== 0) throw new StoryError(`the service on ${name} does not start: ${started.stderr}`);
  }
  const well = await world.page(web);
  narrate.say(`web-1 answers its users: ${well.status}`);
  narrate.act('something breaks on web-1');
  await stage.lab.exec('web-1', ['touch', sick(stage)]);
  const ill = await until('the fault', async () => {
    const now = await world.page(web);
    return now.status === 200 ? null : now;
  });
  narrate.say(`a probe of ${web} gets ${ill.status}`);
}

/** While this file is there the service answers 503. */
function sick(stage: Stage): string {
  return join(dirname(String(stage.lab.host('web-1').vars['svc'])), 'services', 'web.sick');
}

/** Tells each line of the run as it is written, until the run has ended. */
async function follow({ narrate }: StoryOptions, world: World, id: string): Promise<Run> {
  let told = 0;
  return until(
    'the end of the run',
    async () => {
      const { run } = await world.get<{ run: Run }>(`/runs/${id}`);
      const { timeline } = await world.get<{ timeline: (Line & { values: never })[] }>(`/runs/${id}/timeline`);
      for (const one of timeline.slice(told))
        if (/^(run\.|step\.(ok|failed|continued))/.test(one.code))
          narrate.say(`${id}  ${sentence(one, { language: 'en', timezone: 'UTC' })}`);
      told = timeline.length;
      return ['ok', 'failed', 'aborted'].includes(run.status) ? run : null;
    },
    90_000,
  );
}

async function acknowledge({ narrate }: StoryOptions, world: World, incident: Incident, text: string): Promise<{ by: string; at: number }> {
  const link = /https?:\/\/\S+\/a\/[\w.-]+/.exec(text)?.[0];
  if (link === undefined) throw new StoryError('the mail holds no acknowledge link');
  const looked = await world.page(link);
  if (looked.status !== 200) throw new StoryError(`the acknowledge page answers ${looked.status}`);
  const before = (await world.get<{ incident: Incident }>(`/incidents/${incident.id}`)).incident;
  if (before.acknowledged_at !== null)
    throw new StoryError('looking at the link acknowledged the incident: a mail scanner could have done that');
  narrate.say('opening the link only shows the page; now the button is pressed');
  const pressed = await world.page(link, 'POST');
  if (pressed.status !== 200) throw new StoryError(`pressing the button answers ${pressed.status}`);
  const after = await until('the acknowledgement', async () => {
    const now = (await world.get<{ incident: Incident }>(`/incidents/${incident.id}`)).incident;
    return now.acknowledged_at === null ? null : now;
  });
  narrate.act(`${after.acknowledged_by ?? 'somebody'} has it: the escalation stops`);
  return { by: after.acknowledged_by ?? '', at: after.acknowledged_at ?? Date.now() };
}

/** Not what the run says, but what other hosts see. */
async function seen({ stage, narrate, real }: StoryOptions, world: World, web: string): Promise<void> {
  if (!real) {
    if ((await world.page(web)).status !== 0) throw new StoryError(`${web} still answers`);
    return narrate.say('checked from here: web-1 is silent');
  }
  const { hostname, port } = new URL(web);
  const knock = ['timeout', '2', 'bash', '-c', 'exec 3<>"/dev/tcp/$0/$1"'];
  if ((await stage.lab.exec('watch-1', [...knock, hostname, port])).code === 0)
    throw new StoryError(`watch-1 still reaches ${hostname}:${port}`);
  if ((await stage.lab.exec('watch-1', [...knock, stage.lab.host('web-1').address, '22'])).code !== 0)
    throw new StoryError('the management network no longer reaches web-1');
  narrate.say('checked from watch-1: web-1 is silent to its users, its management still answers');
}

async function backAgain(
  { stage, narrate, real }: StoryOptions,
  world: World,
  { web, name, began }: { readonly web: string; readonly name: string; readonly began: Date },
): Promise<void> {
  narrate.act('somebody mends web-1; the monitor says that it is over');
  await stage.lab.exec('web-1', ['rm', '-f', sick(stage)]);
  await world.alarm({ name, host: 'web-1', status: 'resolved', began });
  if (real)
    must(
      await stage.tocsin(['run', 'isolate_host_release', '-i', 'host=web-1', '--reason', 'mended', '--yes', '--wait', '--timeout', '60s']),
    );
  else await stage.lab.exec('web-1', [String(stage.lab.host('web-1').vars['svc']), 'start', 'web']);
  await until('web-1 to answer again', async () => ((await world.page(web)).status === 200 ? true : null));
  narrate.say('web-1 is let back in and answers its users: 200');
}

async function finish({ stage, narrate, folder }: StoryOptions, incident: string): Promise<string[]> {
  const resolved = await stage.tocsin(['incident', 'resolve', incident, '--reason', 'cause mended, users served again']);
  if (resolved.code !== 0 && !/resolved/.test(resolved.err)) must(resolved);
  narrate.act(`${incident} is resolved`);
  const reports = ['md', 'html'].map((kind) => join(folder, `${incident}.${kind}`));
  for (const file of reports) {
    await until('the report', async () => ((await stage.tocsin(['incident', 'report', incident, '-o', file])).code === 0 ? true : null));
  }
  narrate.act('the report, drawn from the records:');
  for (const line of readFileSync(reports[0] ?? '', 'utf8')
    .split('\n')
    .slice(0, 24))
    narrate.say(`| ${line}`);
  return reports;
}

/** When the first command on the host had answered. */
function firstAnswer(lines: readonly Line[]): number {
  return Math.min(...lines.filter((one) => one.code === 'step.ok' && ['state', 'logs'].includes(one.step ?? '')).map((one) => one.at));
}
