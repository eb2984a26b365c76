/**
 * One workflow per resource that two runs must never work on together: a queue in order of asking, a growing fence number.
 * The lease is the holder's life: while others wait, the holder's workflow is looked up, and a closed one loses the lock.
 */
import {
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { signals } from './messages.ts';
import type { LockGrant, LockRequest } from './shell/locks.ts';

export interface LockState {
  readonly name: string;
  readonly fence: number;
  readonly holder: LockRequest | null;
  readonly queue: readonly LockRequest[];
}

interface Hands {
  /** Whether the workflow with this id and first run id is still open. */
  describeHolder(holder: LockRequest): Promise<{ readonly open: boolean }>;
}

/** First look at the holder soon after somebody begins to wait, later ones seldom. */
const firstLook = 2_000;
const laterLook = 10_000;
/** An unused lock ends after this; see {@link freshFence} for why its numbers still grow afterwards. */
const idle = 60 * 60 * 1_000;

export async function lock(given: Pick<LockState, 'name'> & Partial<LockState>): Promise<void> {
  let fence = given.fence ?? freshFence();
  let holder = given.holder ?? null;
  let queue = [...(given.queue ?? [])];
  const { describeHolder } = proxyActivities<Hands>({
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: '5 seconds' },
    summary: 'is the holder still there?',
  });

  setHandler(defineSignal<[LockRequest]>(signals.acquire), (request) => {
    if (holder !== null && same(holder, request)) return;
    if (!queue.some((waiter) => same(waiter, request))) queue.push(request);
  });
  setHandler(defineSignal<[LockRequest]>(signals.release), (request) => {
    queue = queue.filter((waiter) => !same(waiter, request));
    if (holder !== null && same(holder, request)) holder = null;
  });

  async function grant(): Promise<void> {
    const next = queue.shift();
    if (next === undefined) return;
    fence += 1;
    holder = next;
    const message: LockGrant = { name: given.name, id: next.id, fence };
    try {
      await getExternalWorkflowHandle(next.workflow).signal(signals.locked, message);
    } catch {
      // It ended while it waited; whoever released meanwhile is not touched.
      if (holder === next) holder = null;
    }
  }

  async function look(asked: LockRequest): Promise<void> {
    const { open } = await describeHolder(asked);
    if (!open && holder !== null && same(holder, asked)) holder = null;
  }

  let patience = firstLook;
  for (;;) {
    if (holder === null && queue.length > 0) {
      await grant();
      patience = firstLook;
      continue;
    }
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof lock>({ name: given.name, fence, holder, queue });
    if (holder !== null && queue.length > 0) {
      const watched: LockRequest = holder;
      const freed = await condition(() => holder !== watched, patience);
      patience = laterLook;
      if (!freed) await look(watched);
      continue;
    }
    const waited = holder;
    const stirred = await condition(() => queue.length > 0 || holder !== waited, idle);
    if (!stirred && holder === null && Date.now() / 1_000 > fence) return;
  }
}

function same(one: LockRequest, other: LockRequest): boolean {
  return one.workflow === other.workflow && one.chain === other.chain && one.id === other.id;
}

/** A lock that begins anew counts from the second it began: above all it ever gave out, since it ended only when idle past that. */
function freshFence(): number {
  return Math.floor(Date.now() / 1_000);
}
