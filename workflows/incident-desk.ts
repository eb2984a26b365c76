import { CancellationScope, condition, getExternalWorkflowHandle, isCancellation, log, proxyActivities, sleep } from '@temporalio/workflow';
import type { IncidentActivities } from '../activities/incident.ts';
import { upcomingIncident, type IncidentTurn } from './core/incident.ts';
import type { IncidentAction, IncidentEvent, IncidentState, Page, ReportRequest } from './core/people.ts';
import type { Note } from './core/run.ts';
import { signals, workflowIds } from './messages.ts';

/** A page answers within seconds of its last try; a worker that dies in between is noticed by its missing heartbeat. */
const { page: sendPage } = proxyActivities<IncidentActivities>({
  startToCloseTimeout: '3 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});
/** Records may be away for a while; people are paged meanwhile. */
const { recordIncident, writeReport } = proxyActivities<IncidentActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
});

export interface IncidentDeskOptions {
  readonly incident: string;
  readonly seq: number;
  readonly feed: (event: IncidentEvent) => void;
}

export interface IncidentDesk {
  readonly perform: (turn: IncidentTurn) => void;
  /** After continue-as-new: wait for what the state waits for. */
  readonly resume: (state: IncidentState) => void;
  /** Nothing is under way but timers. */
  readonly idle: () => boolean;
  /** Everything told has been done and written; reports come after the pages they list. */
  readonly finished: () => Promise<void>;
  readonly seq: () => number;
}

/** Turns actions into timers, activities and signals. Keeps no decision of its own. */
export function createIncidentDesk(options: IncidentDeskOptions): IncidentDesk {
  const timers = new Map<string, CancellationScope>();
  const unwritten: Note[] = [];
  const reports: ReportRequest[] = [];
  let seq = options.seq;
  let pages = 0;
  let signalling = 0;
  let writing = false;
  let dirty = false;
  let latest: IncidentState | null = null;

  function setTimer(id: string, at: number): void {
    timers.get(id)?.cancel();
    const scope = new CancellationScope();
    timers.set(id, scope);
    void scope
      .run(() => sleep(Math.max(1, at - Date.now())))
      .then(
        () => {
          if (timers.get(id) === scope) timers.delete(id);
          options.feed({ type: 'timer', at: Date.now(), id });
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }

  async function page(request: Page): Promise<void> {
    pages += 1;
    try {
      const result = await sendPage(request);
      options.feed({ type: 'paged', at: Date.now(), id: request.id, ...result });
    } catch (error) {
      log.warn('page could not be handed over', { page: request.id, error: String(error) });
      options.feed({ type: 'paged', at: Date.now(), id: request.id, delivered: [], failed: [...request.to] });
    } finally {
      pages -= 1;
    }
  }

  async function acked(run: string, by: string): Promise<void> {
    signalling += 1;
    try {
      await getExternalWorkflowHandle(workflowIds.run(run)).signal(signals.acked, { by, at: Date.now() });
    } catch (error) {
      // The run ended in the meantime: nobody waits for the word any more.
      log.info('run was not there to hear the acknowledgement', { run, error: String(error) });
    } finally {
      signalling -= 1;
    }
  }

  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    while (dirty && latest) {
      dirty = false;
      const notes = unwritten.splice(0, 200).map((note) => ({ ...note, seq: (seq += 1) }));
      dirty = unwritten.length > 0;
      const { phase, severity, commander, acknowledged, recovered_at, resolved } = latest;
      await recordIncident({
        incident: options.incident,
        notes,
        phase,
        severity,
        commander,
        acknowledged,
        recovered_at,
        resolved,
        next: upcomingIncident(latest),
      });
    }
    // A report reads the records, so it is drawn when they are complete.
    while (reports.length > 0 && (pages === 0 || !reports[0]?.final)) {
      await writeReport(reports.shift() as ReportRequest);
      if (dirty) break;
    }
    writing = false;
    if (dirty) void write();
  }

  function act(action: IncidentAction): void {
    switch (action.type) {
      case 'timer':
        return setTimer(action.id, action.at);
      case 'untimer':
        timers.get(action.id)?.cancel();
        timers.delete(action.id);
        return;
      case 'page':
        void page(action.page).then(write);
        return;
      case 'acked':
        void acked(action.run, action.by);
        return;
      case 'note':
        unwritten.push(action.note);
        return;
      case 'report':
        reports.push({ id: action.id, incident: options.incident, to: action.to, final: action.final });
        return;
      case 'end':
    }
  }

  function quiet(): boolean {
    return pages === 0 && signalling === 0 && !writing && !dirty && reports.length === 0;
  }

  return {
    perform(turn) {
      latest = turn.state;
      if (turn.actions.length === 0) return;
      dirty = true;
      // Handlers of updates and signals run in the workflow's own scope, which a cancellation would take down with all they began.
      void CancellationScope.nonCancellable(async () => {
        for (const action of turn.actions) act(action);
        await write();
      });
    },
    resume(state) {
      latest = state;
      for (const [id, at] of Object.entries(state.timers)) setTimer(id, at);
    },
    idle: quiet,
    async finished() {
      void write();
      await condition(quiet);
    },
    seq: () => seq,
  };
}
