import type { AlarmRow } from '../../activities/records/alarms.ts';
import type { Loaded } from '../../runbooks/shelf.ts';
import type { Bound } from '../../runbooks/bind.ts';
import { endStatuses, type JsonMap } from '../../workflows/domain/words.ts';
import type { Context } from './context.ts';
import { decide, type OpenIncident } from './decide.ts';
import { convergeKey, inputsFrom, matchesOf, type Match } from './match.ts';
import { alarmOf, openIncident, type Opening } from './open.ts';

/**
 * The run and the people's workflow stand beside each other, neither waits for the other; but the first tasks of both would share the same
 * processor, and the hands have to reach a host while people have to find their telephone.
 */
const headStart_ms = 100;

type Note = Opening['notes'][number];
interface Settled {
  readonly bound: Bound | null;
  readonly notes: readonly Note[];
}

/** A firing alarm: opens, joins, waits or is skipped; always settled, always with a reason. */
export async function dispatchFiring(context: Context, row: AlarmRow): Promise<void> {
  const { records } = context;
  const now = (context.now ?? Date.now)();
  if (row.starts_at !== null && row.state === 'accepted') {
    const resolve = await records.alarms.earlierResolve(row);
    if (resolve !== null) return settle(context, row, { state: 'cleared', reason: `its resolve (alarm ${resolve.id}) had come before it` });
  }
  const alarm = alarmOf(row);
  const allowed = context.site().sources.find((source) => source.name === row.source)?.runbooks ?? [];
  const matches = matchesOf(context.shelf.all(), alarm, allowed, now);
  const match = matches[0];
  if (match === undefined) return unmatched(context, row);

  const { bound, notes } = bindMatch(context, match, row, now);
  const converge_key = convergeKey(match, alarm, bound?.inputs ?? null, now);
  const { trigger, runbook } = match;
  const [open, recent_runs] = await Promise.all([
    openOf(context, converge_key),
    trigger.guard === null ? 0 : records.runs.countStarted(runbook.name, trigger.guard.per_ms),
  ]);
  const decision = decide({
    now,
    firing_since: row.starts_at === null ? row.accepted_at : Math.min(row.starts_at, row.accepted_at),
    runbook: runbook.name,
    trigger,
    open,
    recent_runs,
  });
  const named = { runbook: runbook.name, converge_key };
  switch (decision.do) {
    case 'hold':
      return settle(context, row, { state: 'held', due_at: decision.due_at, reason: decision.reason, ...named });
    case 'skip':
      return settle(context, row, { state: 'skipped', incident: decision.incident, reason: decision.reason, ...named });
    case 'join':
      return join(context, row, { incident: decision.incident ?? '', reason: decision.reason, ...named });
    case 'open': {
      const also = matches.slice(1).map((other) => other.runbook.name);
      await openAndStart(context, {
        row,
        converge_key,
        runbook,
        bound,
        hold: decision.hold,
        release: decision.release,
        reason: `matched ${runbook.name}`,
        notes: [
          { code: 'intake.matched', values: { name: row.name, source: row.source, runbook: runbook.name } },
          ...notes,
          ...(decision.hold === null ? [] : [{ code: 'intake.guarded', values: { runbook: runbook.name, reason: decision.hold } }]),
          ...(also.length === 0 ? [] : [{ code: 'intake.also', values: { runbooks: also } }]),
        ],
      });
    }
  }
}

/** No trigger is true of it: the site's fallback for its severity leads, or people do. Never a silent drop. */
async function unmatched(context: Context, row: AlarmRow): Promise<void> {
  const service = row.labels['service'] ?? '';
  const converge_key = `unmatched ${row.source} ${row.name} ${service}`.slice(0, 1_000);
  const open = await openOf(context, converge_key);
  if (open !== null)
    return join(context, row, { incident: open.id, reason: 'joined the open incident of its name', runbook: null, converge_key });
  const name = context.site().fallback[row.severity];
  const base = { row, converge_key, hold: null, release: null };
  if (name === null) {
    return openAndStart(context, {
      ...base,
      runbook: null,
      bound: null,
      reason: 'no runbook matches',
      notes: [{ code: 'intake.unmatched', values: { name: row.name, source: row.source } }],
    });
  }
  let runbook: Loaded | null = null;
  let problem: Note | null = null;
  let bound: Bound | null = null;
  try {
    runbook = context.shelf.get(name);
    bound = context.shelf.bind(runbook, inputsByName(runbook, row));
  } catch (error) {
    problem = problemNote(name, error);
  }
  const note = { code: 'intake.fallback', values: { name: row.name, source: row.source, runbook: name, severity: row.severity } };
  await openAndStart(context, {
    ...base,
    runbook,
    bound,
    reason: `no runbook matches; ${name} leads`,
    notes: problem === null ? [note] : [note, problem],
  });
}

/** A fallback is bound by the names of its inputs: `alarm`, `summary`, `severity`, `source`, or a label. */
function inputsByName({ plan }: Loaded, row: AlarmRow): JsonMap {
  const known: JsonMap = {
    ...row.labels,
    alarm: row.name,
    name: row.name,
    title: row.name,
    summary: row.summary,
    severity: row.severity,
    source: row.source,
  };
  return Object.fromEntries(
    Object.keys(plan.inputs)
      .filter((input) => Object.hasOwn(known, input))
      .map((input) => [input, known[input] ?? null]),
  );
}

function bindMatch(context: Context, { runbook, trigger }: Match, row: AlarmRow, now: number): Settled {
  try {
    return { bound: context.shelf.bind(runbook, inputsFrom(trigger, alarmOf(row), now)), notes: [] };
  } catch (error) {
    return { bound: null, notes: [problemNote(runbook.name, error)] };
  }
}

function problemNote(runbook: string, error: unknown): Note {
  const { message, hint } = error as Error & { hint?: string | null };
  return { code: 'intake.problem', values: { runbook, message, hint: hint ?? null } };
}

async function openOf(context: Context, converge_key: string): Promise<OpenIncident | null> {
  const incident = await context.records.incidents.ofKey(converge_key);
  if (incident === null) return null;
  const run = incident.run === null ? null : await context.records.runs.status(incident.run);
  return { id: incident.id, opened_at: incident.opened_at, run_over: run === null || (endStatuses as readonly string[]).includes(run) };
}

async function openAndStart(context: Context, opening: Opening): Promise<void> {
  const opened = await openIncident(context, opening);
  if (opened === null) return;
  if (opened.run !== null) context.starter.run(opened.run);
  context.starter.tell(opened.incident, opening.row, { later_ms: opened.run === null ? 0 : headStart_ms });
}

interface Joining {
  readonly incident: string;
  readonly reason: string;
  readonly runbook: string | null;
  readonly converge_key: string | null;
}

export async function join(context: Context, row: AlarmRow, joining: Joining): Promise<void> {
  if (!(await context.records.alarms.settle(row.id, { state: 'joined', ...joining }))) return;
  const input = await context.records.incidents.input(joining.incident);
  if (input !== null) context.starter.tell(input, row);
}

export async function settle(
  context: Context,
  row: AlarmRow,
  settled: Parameters<Context['records']['alarms']['settle']>[1],
): Promise<void> {
  await context.records.alarms.settle(row.id, settled);
}
