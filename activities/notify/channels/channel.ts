import type { Language } from '../../../workflows/domain/words.ts';
import type { Person } from '../../../workflows/domain/site.ts';
import type { Deps } from '../../deps.ts';
import type { Composed } from '../compose.ts';

/** What a channel is given for one try of one delivery. */
export interface Dispatch {
  readonly deps: Pick<Deps, 'site' | 'mailer' | 'log'>;
  readonly person: Person;
  readonly address: string;
  readonly message: Composed;
  /** The same for every try of this delivery. */
  readonly message_id: string;
  /** Groups messages of one incident, or `null`. */
  readonly thread: string | null;
  readonly signal: AbortSignal;
}

/** What is known after one try; `sent` only on the vendor's own word. */
export type DispatchAnswer =
  | { readonly status: 'sent'; readonly answer: string }
  | { readonly status: 'refused'; readonly answer: string | null; readonly problem: string; readonly hint: string }
  | { readonly status: 'later'; readonly answer: string | null; readonly problem: string; readonly hint: string }
  | { readonly status: 'unknown'; readonly problem: string };

/** A way to reach a person: one file, one descriptor, one line in `index.ts`. */
export interface Channel {
  readonly id: string;
  readonly words: Readonly<Record<Language, { readonly title: string }>>;
  /** Where this person is reached, or `null`. Only from the roster, never from an alarm. */
  readonly address: (person: Person) => string | null;
  readonly send: (dispatch: Dispatch) => Promise<DispatchAnswer>;
}
