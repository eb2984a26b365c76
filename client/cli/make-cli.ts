import { userInfo } from 'node:os';
import type { Language } from '../../workflows/domain/words.ts';
import { phrase } from '../../workflows/domain/catalogue/cli.ts';
import type { Cli } from './cli.ts';
import { durationOf } from './duration.ts';
import { safe } from './safe.ts';
import { findSite } from './find-site.ts';
import { inked, terminalOf } from './terminal.ts';

type Globals = Readonly<Record<string, unknown>>;

/** Language before anything is parsed: `--lang`, `TOCSIN_LANG`, then the locale. */
export function languageOf(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const typed = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1]);
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  const wanted = typed ?? environment['TOCSIN_LANG'] ?? (locale.startsWith('zh') ? 'zh' : 'en');
  return wanted === 'zh' ? 'zh' : 'en';
}

export function makeCli(globals: Globals, host: NodeJS.Process): Cli {
  const environment = host.env;
  const json = globals['json'] === true;
  const terminal = terminalOf(
    {
      stdoutTty: host.stdout.isTTY === true,
      stdinTty: host.stdin.isTTY === true,
      columns: host.stdout.columns,
      noColour: (environment['NO_COLOR'] ?? '') !== '',
      dumb: environment['TERM'] === 'dumb',
    },
    { json, noInput: globals['input'] === false },
  );
  const language: Language = languageOf(typeof globals['lang'] === 'string' ? ['--lang', globals['lang']] : [], environment);
  const siteFolder = (): string => findSite({ typed: text(globals['site']), environment: environment['TOCSIN_SITE'], cwd: host.cwd() });
  const site = once(async () => (await import('./open-site.ts')).openSite(siteFolder()));
  const by = text(globals['as']) ?? environment['TOCSIN_AS'] ?? login();
  let interrupted: AbortSignal | null = null;
  // Only a command that asks for it takes Ctrl-C into its own hands; `tocsin up` has another way to end.
  const interruption = (): AbortSignal => (interrupted ??= interrupts(host));
  return {
    language,
    terminal,
    json,
    quiet: globals['quiet'] === true,
    yes: globals['yes'] === true,
    confirm: text(globals['confirm']),
    timeout_ms: text(globals['timeout']) === null ? null : durationOf(text(globals['timeout']) ?? '', '--timeout'),
    by,
    cwd: host.cwd(),
    environment,
    say: (line) => void host.stdout.write(`${line}\n`),
    hint: (line) => void host.stderr.write(`${line}\n`),
    document: (value) => void host.stdout.write(`${JSON.stringify(value)}\n`),
    raw: (piece) => void host.stdout.write(piece),
    ink: (ink, piece) => inked(terminal, ink, piece),
    word: (code, values = {}) => phrase(language, code, mapped(values)),
    siteFolder,
    site,
    api: once(async () =>
      (await import('./api.ts')).openApi({
        site: await site(),
        token: environment['TOCSIN_TOKEN'] ?? null,
        environment,
        by,
        signal: interruption(),
      }),
    ),
    get interrupted() {
      return interruption();
    },
    now: Date.now,
  };
}

/** First Ctrl-C asks the command to let go; a second one leaves at once. */
function interrupts(host: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  host.on('SIGINT', () => (controller.signal.aborted ? host.exit(130) : controller.abort()));
  return controller.signal;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function mapped(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, safe(value)]));
}

function login(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
