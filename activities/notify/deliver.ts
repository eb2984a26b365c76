import { createHash } from 'node:crypto';
import type { Page, PageResult } from '../../workflows/core/people.ts';
import type { Deps } from '../deps.ts';
import type { DeliveryRow } from '../records/deliveries.ts';
import { channels } from './channels/index.ts';
import type { Channel } from './channels/channel.ts';
import { compose, type Composed, type ComposeOptions, type Doing } from './compose.ts';
import { callPeople, type Called } from './people.ts';
import { tryDelivery, type Tried } from './try.ts';

export interface DeliverOptions {
  readonly page: Page;
  readonly run: string | null;
  readonly drill?: boolean;
  readonly signal: AbortSignal;
  readonly beat?: () => void;
  /** Replaces the body in each language: the report. */
  readonly body?: (called: Called) => ComposeOptions['body'];
  /** Waits between tries within this act. */
  readonly pauses_ms?: readonly number[];
}

export type DeliverDeps = Pick<Deps, 'site' | 'records' | 'mailer' | 'log' | 'now'>;

/** Templates that ask for an answer carry the link. */
const asking = new Set(['incident_opened', 'incident_tier', 'incident_pulled', 'run_failed']);
const link_ms = 24 * 3_600_000;

/**
 * Brings one page to everybody it names: an outbox row per person and channel first, then the try, then what came of it.
 * Called again with the same page it goes on where it stopped: who has it is not sent it twice.
 */
export async function deliverPage(deps: DeliverDeps, options: DeliverOptions): Promise<PageResult> {
  const roster = callPeople(deps.site().people, options.page.to);
  const doing = await whatRuns(deps, options);
  const tried = await Promise.all(roster.called.map((called) => reach(deps, options, called, doing)));
  for (const name of roster.missing)
    deps.log.warn({ page: options.page.id, to: name }, 'nobody stands behind a name or role that was to be paged');
  const named = (status: Tried) => roster.called.filter((_, index) => tried[index] === status).map((called) => called.person.name);
  const unknown = named('unknown');
  return {
    delivered: named('sent'),
    failed: [...named('failed'), ...unknown, ...roster.missing],
    ...(unknown.length > 0 ? { unknown } : {}),
  };
}

/** One channel after the other until one takes it. */
async function reach(deps: DeliverDeps, options: DeliverOptions, called: Called, doing: Doing | null): Promise<Tried> {
  let last: Tried = 'failed';
  for (const channel of channels) {
    const address = channel.address(called.person);
    const row = await queue(deps, options, called, channel, address ?? '');
    if (row.status === 'sent') return 'sent';
    if (address === null) {
      await deps.records.deliveries.failed(row.id, `${called.person.name} has no address for ${channel.id}: add it to people.yaml`);
      continue;
    }
    if (refusedForGood(row, address)) continue;
    last = await tryDelivery({
      deps,
      row,
      channel,
      person: called.person,
      address,
      thread: options.page.incident === '' ? null : threadId(deps, options.page.incident),
      signal: options.signal,
      beat: options.beat ?? (() => undefined),
      pauses_ms: options.pauses_ms ?? [1_000, 3_000],
      message: () => write(deps, options, called, doing),
    });
    if (last === 'sent') return 'sent';
  }
  return last;
}

/** The receiving side said no to this very address; asking again every minute changes nothing and looks like abuse. */
function refusedForGood(row: DeliveryRow, address: string): boolean {
  return row.status === 'failed' && row.address === address && /^5\d\d[ -]/.test(row.answer ?? '');
}

function queue(deps: DeliverDeps, options: DeliverOptions, called: Called, channel: Channel, address: string): Promise<DeliveryRow> {
  const { page } = options;
  const id = `${page.id}/${called.person.name}/${channel.id}`;
  return deps.records.deliveries.queue({
    id,
    page: page.id,
    incident: page.incident === '' ? null : page.incident,
    run: options.run,
    person: called.person.name,
    channel: channel.id,
    address,
    template: page.template,
    ...preview(deps, options, called),
    message_id: messageId(deps, id),
  });
}

/** The row shows what is sent, but never a link that would let its reader act. */
function preview(deps: DeliverDeps, options: DeliverOptions, called: Called): { readonly subject: string; readonly body_text: string } {
  const message = compose({ ...base(deps, options, called), doing: null, link: null });
  return { subject: message.subject, body_text: message.text };
}

async function write(deps: DeliverDeps, options: DeliverOptions, called: Called, doing: Doing | null): Promise<Composed> {
  const plain = { ...base(deps, options, called), doing };
  if (!asking.has(options.page.template)) return compose({ ...plain, link: null });
  const expires_at = deps.now() + link_ms;
  const token = await deps.records.links.create({
    purpose: 'acknowledge',
    incident: options.page.incident,
    person: called.person.name,
    expires_at,
  });
  return compose({ ...plain, link: { url: `${deps.site().url}/a/${token}`, expires_at } });
}

function base(deps: DeliverDeps, options: DeliverOptions, called: Called): Omit<ComposeOptions, 'doing' | 'link'> {
  const body = options.body?.(called);
  return {
    page: options.page,
    person: called.person,
    as: called.as,
    site: deps.site(),
    now: deps.now(),
    drill: options.drill ?? false,
    ...(body ? { body } : {}),
  };
}

/** What the leading run does at this moment; a page without it is better than no page. */
async function whatRuns(deps: DeliverDeps, options: DeliverOptions): Promise<Doing | null> {
  const run = options.page.values['run'];
  if (typeof run !== 'string') return null;
  try {
    const found = await deps.records.runs.get(run);
    if (!found) return null;
    const step = found.view?.steps.find((each) => each.status === 'running' || each.status === 'waiting' || each.status === 'asking');
    return { runbook: found.title, step: step?.title ?? null, status: step?.status ?? found.status };
  } catch (error) {
    deps.log.warn({ run, error: String(error) }, 'the state of the run could not be read for a page');
    return null;
  }
}

function messageId(deps: DeliverDeps, id: string): string {
  return `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@${domain(deps)}>`;
}

function threadId(deps: DeliverDeps, incident: string): string {
  return `<${incident.replace(/[^\w.-]/g, '')}@${domain(deps)}>`;
}

function domain(deps: DeliverDeps): string {
  const from = deps.site().mail?.from ?? '';
  return /@([\w.-]+)/.exec(from)?.[1] ?? 'tocsin.invalid';
}
