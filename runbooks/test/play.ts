import { engineVersion, type Plan } from '../../workflows/core/plan.ts';
import type { Move } from '../../workflows/core/run.ts';
import { drillScript, simulate, type Script, type Simulated } from '../../workflows/core/simulate/index.ts';
import type { IncidentMove } from '../../workflows/core/people.ts';
import type { RunState } from '../../workflows/core/state.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import { durationMs } from '../../workflows/domain/duration.ts';
import type { Json } from '../../workflows/domain/words.ts';
import { bind } from '../bind.ts';
import { incidentMoves, runMoves, stepMoves, type MoveSource, type TestCase, type TestFile } from './shape.ts';

const start = Date.UTC(2026, 0, 1);

/** A played case, with the state as it was after every event. */
export interface Played extends Simulated {
  readonly moments: readonly { readonly at_ms: number; readonly state: RunState }[];
}

interface PlayOptions {
  readonly plan: Plan;
  readonly hash: string;
  readonly file: TestFile;
  readonly given: TestCase;
}

/** @throws TocsinError when the inputs or targets of the case do not fit the runbook */
export function playCase({ plan, hash, file, given }: PlayOptions): Played {
  const { inputs, targets } = bind({
    plan,
    inputs: given.inputs as { [name: string]: Json },
    nodes: given.nodes ?? file.nodes,
    now: start,
  });
  const moments: { at_ms: number; state: RunState }[] = [];
  const played = simulate({
    input: {
      run: 'run-1',
      incident: 'inc-1',
      plan,
      plan_hash: hash,
      engine_version: engineVersion,
      inputs,
      targets,
      alarm: given.alarm === undefined ? null : alarmOf(given.alarm),
      by: given.by,
      reason: given.test,
      mode: 'simulate',
      hold: given.hold ?? null,
    },
    script: scriptOf(given, given.drill ? drillScript(plan) : {}),
    seed: given.seed,
    start,
    ...(given.severity === undefined ? {} : { severity: given.severity }),
    watch: (state) => {
      moments.push({ at_ms: state.now - start, state });
      return state;
    },
  });
  return { ...played, moments };
}

function alarmOf({ name, summary, severity, labels, annotations }: NonNullable<TestCase['alarm']>): Alarm {
  return {
    source: 'test',
    dedup_key: name,
    status: 'firing',
    name,
    summary,
    source_severity: null,
    severity,
    labels,
    annotations,
    starts_at: start,
    ends_at: null,
    links: [],
  };
}

function scriptOf(given: TestCase, drill: ReturnType<typeof drillScript>): Script {
  const moves = given.moves.map((move, index) => ({ at_ms: durationMs(move.at)!, move: moveOf(move, index) }));
  return {
    answers: given.answers as NonNullable<Script['answers']>,
    faults: [...(given.faults as NonNullable<Script['faults']>), ...(drill.faults ?? [])],
    delays: [
      ...(given.delays.map(({ delay, ...rest }) => ({ ...rest, delay_ms: durationMs(delay)! })) as NonNullable<Script['delays']>),
      ...(drill.delays ?? []),
    ],
    moves: moves.flatMap(({ at_ms, move }) => ('run' in move ? [{ at_ms, move: move.run }] : [])),
    incident_moves: moves.flatMap(({ at_ms, move }) => ('incident' in move ? [{ at_ms, move: move.incident }] : [])),
    held: given.held.map(({ lock, until }) => ({ name: lock, until_ms: durationMs(until)! })),
  };
}

function moveOf(move: MoveSource, index: number): { readonly run: Move } | { readonly incident: IncidentMove } {
  const who = { id: `move-${index + 1}`, by: move.by, reason: move.reason };
  const own = { ...who, ...(move.roles === undefined ? {} : { roles: move.roles }) };
  const onStep = stepMoves.find((kind) => move[kind] !== undefined);
  if (onStep === 'take_over') return { run: { ...own, kind: onStep, step: move[onStep]!, out: move.out ?? {} } as Move };
  if (onStep === 'retry') return { run: { ...own, kind: onStep, step: move[onStep]!, args: move.args ?? {} } as Move };
  if (onStep !== undefined) return { run: { ...own, kind: onStep, step: move[onStep]! } };
  const onRun = runMoves.find((kind) => move[kind] !== undefined);
  if (onRun !== undefined) return { run: { ...own, kind: onRun } };
  const onIncident = incidentMoves.find((kind) => move[kind] !== undefined);
  if (onIncident !== undefined) return { incident: { ...who, kind: onIncident } };
  if (move.severity !== undefined) return { incident: { ...who, kind: 'severity', severity: move.severity } };
  return { incident: { ...who, kind: 'hand_over', to: move.hand_over! } };
}
