import type { OpenPage } from '../people.ts';
import { change, clearTimer, forgetTimer, note, setTimer, type Desk } from './desk.ts';
import { again, clockRuns, pendingTiers } from './ladder.ts';
import { fireTier, keepClock } from './tiers.ts';

/** Waits between tries to reach who was not reached; the hand has already tried for some seconds each time. */
const again_ms = [30_000, 60_000, 120_000] as const;
const longest_ms = 300_000;
/** About two hours; after that the failure stays on the timeline and a person must look. */
const tries_max = 25;

export function isAgainTimer(id: string): boolean {
  return id.startsWith(again);
}

function wait_ms(tries: number): number {
  return again_ms[tries - 1] ?? longest_ms;
}

function replace(desk: Desk, open: OpenPage): void {
  change(desk, { pages: desk.state.pages.map((other) => (other.page.id === open.page.id ? open : other)) });
}

function drop(desk: Desk, id: string): void {
  clearTimer(desk, again + id);
  change(desk, { pages: desk.state.pages.filter((open) => open.page.id !== id) });
}

export interface PagedResult {
  readonly id: string;
  readonly delivered: readonly string[];
  readonly failed: readonly string[];
  readonly unknown?: readonly string[];
}

/** A page that reached nobody must not cost the time until the next tier. */
export function paged(desk: Desk, result: PagedResult): void {
  const open = desk.state.pages.find((candidate) => candidate.page.id === result.id);
  if (!open) return;
  const fresh = result.delivered.filter((person) => !open.delivered.includes(person));
  if (open.tries === 1 || fresh.length > 0) {
    note(desk, 'incident.paged', {
      page: result.id,
      to: [...open.page.to],
      delivered: [...result.delivered],
      failed: [...result.failed],
      unknown: [...(result.unknown ?? [])],
      tries: open.tries,
    });
  }
  // Nobody behind a role is the same as nobody reached.
  const nobody = result.delivered.length === 0;
  const stillNeeded = !open.escalates || !desk.state.acknowledged;
  if ((result.failed.length === 0 && !nobody) || !stillNeeded || desk.state.resolved) drop(desk, result.id);
  else if (open.tries >= tries_max) {
    note(desk, 'incident.gave_up', { page: result.id, failed: [...result.failed], tries: open.tries });
    drop(desk, result.id);
  } else {
    replace(desk, { ...open, delivered: [...open.delivered, ...fresh] });
    setTimer(desk, again + result.id, desk.at + wait_ms(open.tries));
  }
  if (nobody && open.escalates && open.tries === 1) pullForward(desk, result.id);
}

function pullForward(desk: Desk, id: string): void {
  if (!clockRuns(desk.state)) return;
  const due = pendingTiers(desk.state)[0];
  if (!due) {
    note(desk, 'incident.unreached', { page: id });
    return;
  }
  note(desk, 'incident.pulled', { page: id, to: [...due.tier.to], due: due.at, early_ms: Math.max(0, due.at - desk.at) });
  fireTier(desk, due, { pulled: true });
  keepClock(desk);
}

export function againTimer(desk: Desk, timer: string): void {
  forgetTimer(desk, timer);
  const open = desk.state.pages.find((candidate) => again + candidate.page.id === timer);
  if (!open) return;
  replace(desk, { ...open, tries: open.tries + 1 });
  desk.actions.push({ type: 'page', page: open.page });
}

/** Queued notices are called off once somebody answered; what only informs goes on. */
export function callOff(desk: Desk): void {
  for (const open of desk.state.pages) {
    const waiting = desk.state.timers[again + open.page.id] !== undefined;
    if (open.escalates && waiting) drop(desk, open.page.id);
  }
}

/** At the end nothing is awaited any more. */
export function callOffAll(desk: Desk): void {
  for (const id of Object.keys(desk.state.timers)) clearTimer(desk, id);
  change(desk, { pages: [] });
}
