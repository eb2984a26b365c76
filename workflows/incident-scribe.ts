import { proxyActivities } from '@temporalio/workflow';
import type { IncidentActivities } from '../activities/incident.ts';
import { upcomingIncident } from './core/incident.ts';
import type { IncidentState, ReportRequest } from './core/people.ts';
import type { Note } from './core/run.ts';

/** Records may be away for a while; people are paged meanwhile. */
const { recordIncident, writeReport } = proxyActivities<IncidentActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
});

/** What is still to be written, handed from one execution to the next. */
export interface ScribeCarry {
  /** Number of the last note given out. */
  readonly seq: number;
  readonly notes: readonly Note[];
  readonly reports: readonly ReportRequest[];
}

export interface ScribeOptions {
  readonly incident: string;
  readonly carry: ScribeCarry;
  readonly state: () => IncidentState;
  /** Whether every page has been answered: the last report lists them all. */
  readonly pagesAnswered: () => boolean;
}

export interface Scribe {
  readonly note: (note: Note) => void;
  readonly report: (request: ReportRequest) => void;
  /** Writes what there is, one message after the other; returns when nothing is left that can be written now. */
  readonly write: () => Promise<void>;
  /** Begins no further message: the rest is carried over. */
  readonly hold: () => void;
  readonly writing: () => boolean;
  readonly done: () => boolean;
  readonly carry: () => ScribeCarry;
}

const notes_max = 200;

/** Tells the records what was decided, in order and never in the way of a page. */
export function createScribe(options: ScribeOptions): Scribe {
  const notes = [...options.carry.notes];
  const reports = [...options.carry.reports];
  let { seq } = options.carry;
  let stale = notes.length > 0;
  let writing = false;
  let held = false;

  async function writeNotes(): Promise<void> {
    const batch = notes.splice(0, notes_max).map((note) => ({ ...note, seq: (seq += 1) }));
    stale = notes.length > 0;
    const state = options.state();
    const { phase, severity, commander, acknowledged, recovered_at, resolved } = state;
    await recordIncident({
      incident: options.incident,
      notes: batch,
      phase,
      severity,
      commander,
      acknowledged,
      recovered_at,
      resolved,
      next: upcomingIncident(state),
    });
  }

  /** A report reads the records, so it is drawn when they are complete. */
  function dueReport(): ReportRequest | null {
    const first = reports[0];
    return first && (!first.final || options.pagesAnswered()) ? first : null;
  }

  async function write(): Promise<void> {
    if (writing) return;
    writing = true;
    while (!held) {
      if (stale) await writeNotes();
      else if (dueReport()) await writeReport(reports.shift() as ReportRequest);
      else break;
    }
    writing = false;
  }

  return {
    note(note) {
      notes.push(note);
    },
    report(request) {
      reports.push(request);
    },
    async write() {
      stale = true;
      await write();
    },
    hold() {
      held = true;
    },
    writing: () => writing,
    done: () => !writing && !stale && reports.length === 0,
    carry: () => ({ seq, notes, reports }),
  };
}
