import { CancellationScope, condition, getExternalWorkflowHandle, isCancellation, log, proxyActivities, sleep } from '@temporalio/workflow';
import type { IncidentActivities } from '../activities/incident.ts';
import type { IncidentTurn } from './core/incident.ts';
import type { IncidentAction, IncidentEvent, IncidentState, Page } from './core/people.ts';
import { createScribe, type ScribeCarry } from './incident-scribe.ts';
import { signals, workflowIds } from './messages.ts';

/** A page answers within seconds of its last try; a worker that dies in between is noticed by its missing heartbeat. */
const { page: sendPage } = proxyActivities<IncidentActivities>({
  startToCloseTimeout: '3 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 seconds' },
});

export interface IncidentDeskOptions {
  readonly incident: string;
  readonly carry: ScribeCarry | null;
  readonly state: () => IncidentState;
  readonly feed: (event: IncidentEvent) => void;
}

export interface IncidentDesk {
  readonly perform: (turn: IncidentTurn) => void;
  /** After continue-as-new: wait for what the state waits for, write what was left. */
  readonly resume: () => void;
  /** Hands are idle and nothing more is written; what is left is in the carry. */
  readonly put: () => Promise<ScribeCarry>;
  /** Everything told has been done and written. */
  readonly finished: () => Promise<void>;
}

/** Turns actions into timers, activities and signals. Keeps no decision of its own. */
export function createIncidentDesk(options: IncidentDeskOptions): IncidentDesk {
  const timers = new Map<string, CancellationScope>();
  let pages = 0;
  let signalling = 0;
  const scribe = createScribe({
    incident: options.incident,
    carry: options.carry ?? { seq: 0, notes: [], reports: [] },
    state: options.state,
    pagesAnswered: () => pages === 0,
  });

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
    // The last report waits for the last page.
    await scribe.write();
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

  function act(action: IncidentAction): void {
    switch (action.type) {
      case 'timer':
        return setTimer(action.id, action.at);
      case 'untimer':
        timers.get(action.id)?.cancel();
        timers.delete(action.id);
        return;
      case 'page':
        void page(action.page);
        return;
      case 'acked':
        void acked(action.run, action.by);
        return;
      case 'note':
        return scribe.note(action.note);
      case 'report':
        return scribe.report({ id: action.id, incident: options.incident, to: action.to, final: action.final });
      case 'end':
    }
  }

  return {
    perform(turn) {
      if (turn.actions.length === 0) return;
      // Handlers of updates and signals run in the workflow's own scope, which a cancellation would take down with all they began.
      void CancellationScope.nonCancellable(async () => {
        for (const action of turn.actions) act(action);
        await scribe.write();
      });
    },
    resume() {
      for (const [id, at] of Object.entries(options.state().timers)) setTimer(id, at);
      void scribe.write();
    },
    async put() {
      scribe.hold();
      await condition(() => pages === 0 && signalling === 0 && !scribe.writing());
      return scribe.carry();
    },
    async finished() {
      await condition(() => pages === 0 && signalling === 0 && scribe.done());
    },
  };
}
