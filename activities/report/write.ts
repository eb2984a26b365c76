import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PageResult, ReportRequest } from '../../workflows/core/people.ts';
import { languages, type Language } from '../../workflows/domain/words.ts';
import { deliverPage, type DeliverDeps } from '../notify/deliver.ts';
import { TocsinError } from '../platform/errors.ts';
import { readFacts } from './facts.ts';
import { renderReport, type Rendered } from './render.ts';

export interface WriteOptions {
  readonly request: ReportRequest;
  readonly signal: AbortSignal;
  readonly beat: () => void;
}

export interface Written {
  readonly markdown: string;
  readonly html: string;
  /** Absolute path without its ending: `.md` and `.html` stand there. */
  readonly path: string;
  readonly mailed: PageResult;
}

/** Draws the report, keeps it in the records and as files, and mails it to each reader in their language. Doing it again replaces it. */
export async function drawReport(deps: DeliverDeps, options: WriteOptions): Promise<Written> {
  const { request } = options;
  const facts = await readFacts(deps.records.pool, request.incident);
  if (!facts)
    throw new TocsinError(`writing the report of "${request.incident}": there is no such incident`, {
      code: 'E-REPORT-INCIDENT',
      hint: 'tocsin incident list shows those there are',
    });
  const site = deps.site();
  const drawn = Object.fromEntries(
    languages.map((language) => [language, renderReport(facts, { language, timezone: site.timezone })]),
  ) as Readonly<Record<Language, Rendered>>;
  const own = drawn[site.language];
  await deps.records.incidents.save(request.incident, { report_md: own.markdown, report_html: own.html });
  const path = await keepFiles(site.data, request.incident, own);
  const mailed = await deliverPage(deps, {
    page: {
      id: request.id,
      incident: request.incident,
      to: request.to,
      template: 'report',
      severity: facts.incident.severity,
      values: { title: facts.incident.title },
    },
    run: null,
    signal: options.signal,
    beat: options.beat,
    body: ({ person }) => ({ text: drawn[person.language].markdown, html: drawn[person.language].html }),
  });
  return { markdown: own.markdown, html: own.html, path, mailed };
}

/** Whole or not at all: a reader never finds half a report. */
async function keepFiles(data: string, incident: string, report: Rendered): Promise<string> {
  const folder = join(data, 'reports');
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const path = join(folder, incident.replace(/[^\w.-]/g, '_'));
  for (const [ending, text] of [
    ['md', report.markdown],
    ['html', report.html],
  ] as const) {
    const half = `${path}.${ending}.${process.pid}.half`;
    await writeFile(half, text, { mode: 0o640 });
    await rename(half, `${path}.${ending}`);
  }
  return path;
}
