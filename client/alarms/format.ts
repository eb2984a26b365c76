import type { z } from 'zod';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Json, Language } from '../../workflows/domain/words.ts';

export interface ReadOptions {
  /** Name of the source in the site, which becomes part of the alarm's identity. */
  readonly source: string;
}

export interface ReadAlarms {
  readonly alarms: readonly Alarm[];
  /** What was accepted all the same but looks wrong; told to the sender in the 202. */
  readonly warnings: readonly string[];
}

/** How one kind of monitor says "alarm": one file, one descriptor, one line in `index.ts`. */
export interface AlarmFormat {
  /** Last part of the URL: `/hooks/<id>`. */
  readonly id: string;
  readonly words: Readonly<Record<Language, { readonly title: string; readonly help: string }>>;
  /** Shape of the request's body, for documents and for messages about a bad one. */
  readonly shape: z.ZodType;
  /** Pure. @throws TocsinError `E-ALARM-SHAPE` when the body is not of this format. */
  readonly read: (raw: Json, options: ReadOptions) => ReadAlarms;
}
