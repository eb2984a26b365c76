/** Tells the records what was decided: in order, one message at a time, never in the way of an act. */
import { condition, log, proxyActivities } from '@temporalio/workflow';
import type { Next, Note, Problem } from '../core/run.ts';
import type { RunView } from '../messages.ts';
import type { EndStatus } from '../domain/words.ts';

export interface SeqNote extends Note {
  /** Grows by one per note of the run; appending the same number again changes nothing. */
  readonly seq: number;
}

/** Argument of the activity `recordRun`. */
export interface RunRecord {
  readonly run: string;
  readonly incident: string | null;
  /** Grows with each message of the run: an older state that arrives late is ignored. */
  readonly save: number;
  readonly notes: readonly SeqNote[];
  readonly view: RunView;
  readonly next: Next | null;
  /** Set once, with the last message. */
  readonly ended: { readonly status: EndStatus; readonly problem: Problem | null; readonly at: number } | null;
}

export interface RecorderOptions {
  readonly run: string;
  readonly incident: string | null;
  /** Where an earlier run of the chain stopped counting. */
  readonly from: Counts;
  readonly now: () => Pick<RunRecord, 'view' | 'next' | 'ended'>;
}

/** Notes and messages so far. */
export interface Counts {
  readonly seq: number;
  readonly save: number;
}

export interface Recorder {
  readonly add: (note: Note) => void;
  /** The state has changed; it is sent with the next message. */
  readonly touch: () => void;
  readonly drained: () => Promise<void>;
  readonly idle: () => boolean;
  readonly counts: () => Counts;
}

interface Hands {
  recordRun(record: RunRecord): Promise<void>;
}

const notesPerMessage = 500;

export function openRecorder(options: RecorderOptions): Recorder {
  const waiting: SeqNote[] = [];
  let { seq, save } = options.from;
  let dirty = false;
  let sending = false;
  // Without end: a run may go on while the records are away, but it does not end before they know.
  const { recordRun } = proxyActivities<Hands>({
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: 100, backoffCoefficient: 2, maximumInterval: '5 seconds' },
    summary: 'tell the records',
  });

  async function tell(notes: readonly SeqNote[]): Promise<void> {
    try {
      save += 1;
      await recordRun({ run: options.run, incident: options.incident, save, notes, ...options.now() });
    } catch (error) {
      // Refused for good, not unreachable: the emergency goes on, the history of the engine still holds every decision.
      log.error('the records refused a message of the run', { run: options.run, error: String(error) });
    }
  }

  async function send(): Promise<void> {
    sending = true;
    while (dirty) {
      const notes = waiting.splice(0, notesPerMessage);
      dirty = waiting.length > 0;
      await tell(notes);
    }
    sending = false;
  }

  function touch(): void {
    dirty = true;
    if (!sending) void send();
  }

  function idle(): boolean {
    return !dirty && !sending;
  }

  return {
    add(note) {
      seq += 1;
      waiting.push({ ...note, seq });
    },
    touch,
    drained: async () => condition(idle),
    idle,
    counts: () => ({ seq, save }),
  };
}
