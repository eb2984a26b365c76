import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import { beginIncident, legalIncident, nextIncident, upcomingIncident } from './core/incident.ts';
import type { IncidentEvent, IncidentInput, IncidentState } from './core/people.ts';
import { createIncidentDesk } from './incident-desk.ts';
import type { ScribeCarry } from './incident-scribe.ts';
import { queries, signals, updates, type Alarm, type IncidentMove, type IncidentView, type MoveAnswer, type RunEnded } from './messages.ts';

/** Handed from one execution to the next: deadlines are absolute, so nothing is lost on the way. */
export interface IncidentCarry {
  readonly state: IncidentState;
  readonly unwritten: ScribeCarry;
}

const alarmUpdate = defineUpdate<{ joined: true }, [Alarm]>(updates.alarm);
const moveUpdate = defineUpdate<MoveAnswer, [IncidentMove]>(updates.incidentMove);
const runEnded = defineSignal<[RunEnded]>(signals.runEnded);
const stateQuery = defineQuery<IncidentView>(queries.state);

/**
 * One incident, from its first alarm to its report. Owns the people's clock; the machine decides, this shell keeps time and hands.
 * Moves and alarms are updates: the caller learns the answer, and an id makes each of them happen once.
 * A cancellation from outside is not heard: an emergency ends by being resolved.
 */
export async function incident(input: IncidentInput, carry?: IncidentCarry): Promise<{ readonly phase: string }> {
  return CancellationScope.nonCancellable(() => attend(input, carry));
}

async function attend(input: IncidentInput, carry: IncidentCarry | undefined): Promise<{ readonly phase: string }> {
  const begun = carry ? { state: carry.state, actions: [] } : beginIncident(input, Date.now());
  let { state } = begun;
  const desk = createIncidentDesk({ incident: input.incident, carry: carry?.unwritten ?? null, state: () => state, feed });
  // The first turn comes before any handler, so that an alarm of update-with-start joins an incident that is open.
  if (carry) desk.resume();
  else desk.perform(begun);

  function feed(event: IncidentEvent): void {
    const turn = nextIncident(state, event);
    state = turn.state;
    desk.perform(turn);
  }

  setHandler(alarmUpdate, (alarm) => {
    feed({ type: 'alarm', at: Date.now(), alarm });
    return { joined: true };
  });
  setHandler(
    moveUpdate,
    (move) => {
      feed({ type: 'move', at: Date.now(), move });
      return { accepted: true, status: state.phase };
    },
    { validator: (move) => refuse(legalIncident(state, move)) },
  );
  setHandler(runEnded, (ended) => feed({ type: 'run', at: Date.now(), ...ended }));
  setHandler(stateQuery, () => view(state));

  await condition(() => state.resolved !== null || workflowInfo().continueAsNewSuggested);
  if (state.resolved === null) {
    // In a storm of alarms there is always something to write: the rest goes along, also when it was resolved meanwhile.
    const unwritten = await desk.put();
    await condition(allHandlersFinished);
    await continueAsNew<typeof incident>(input, { state, unwritten });
  }
  await desk.finished();
  await condition(allHandlersFinished);
  return { phase: state.phase };
}

function refuse(reason: string | null): void {
  if (reason !== null) throw ApplicationFailure.nonRetryable(reason, 'E-INCIDENT-MOVE');
}

function view(state: IncidentState): IncidentView {
  return {
    incident: state.input.incident,
    title: state.input.title,
    phase: state.phase,
    severity: state.severity,
    commander: state.commander,
    acknowledged: state.acknowledged,
    resolved: state.resolved,
    alarms: { known: state.alarms.length, firing: state.alarms.filter((alarm) => alarm.firing).length },
    runs: state.runs,
    next: upcomingIncident(state),
  };
}
