import type { Language, Mode } from '../../workflows/domain/words.ts';
import type { Site } from '../../workflows/domain/site.ts';
import type { Api } from './api.ts';
import type { Ink, Terminal } from './terminal.ts';
import type { CliWord } from '../../workflows/domain/catalogue/cli.ts';

/** What every command is given. Data goes to `say`, hints and progress to `hint`; nothing else writes. */
export interface Cli {
  readonly language: Language;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Ids only. */
  readonly quiet: boolean;
  readonly yes: boolean;
  /** `--confirm=NAME`, or `null`. */
  readonly confirm: string | null;
  /** How long to wait for an end, or `null`: as long as it takes. */
  readonly timeout_ms: number | null;
  /** Who acts, as written into the audit. */
  readonly by: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  readonly hint: (line: string) => void;
  /** One JSON document (or one line of NDJSON). */
  readonly document: (value: unknown) => void;
  readonly raw: (text: string) => void;
  readonly ink: (ink: Ink, text: string) => string;
  /** A sentence of the catalogue in the language of the person; values are made safe for the screen. */
  readonly word: (code: CliWord, values?: Readonly<Record<string, unknown>>) => string;
  /** Folder of the site: `--site`, `TOCSIN_SITE`, or the nearest folder upward that holds a `site.yaml`. Throws `E-NO-SITE`. */
  readonly siteFolder: () => string;
  readonly site: () => Promise<Site>;
  readonly api: () => Promise<Api>;
  /** Fires on Ctrl-C: commands let go, nothing is aborted. */
  readonly interrupted: AbortSignal;
  readonly now: () => number;
}

export type { Mode };
