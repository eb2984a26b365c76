/** A run's side of the locks: asks, hears, gives back. The other side is `workflows/lock.ts`. */
import { getExternalWorkflowHandle, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { signals, workflowIds } from '../messages.ts';

/** Who asks for a lock. `id` tells two requests of one run apart, so that a late release never frees a later grant. */
export interface LockRequest {
  readonly name: string;
  readonly id: number;
  /** Workflow id of the one who asks. */
  readonly workflow: string;
  /** First run id of its chain: a later workflow of the same id is somebody else. */
  readonly chain: string;
}

/** Signal `locked`: the lock is yours until you release it or end. */
export interface LockGrant {
  readonly name: string;
  readonly id: number;
  /** Greater than every number this lock gave out before. */
  readonly fence: number;
}

export interface Locks {
  readonly take: (name: string) => void;
  readonly give: (name: string) => Promise<void>;
  /** True if the grant answers a request that still stands. */
  readonly hear: (grant: LockGrant) => boolean;
  readonly giveAll: () => Promise<void>;
  readonly held: () => LocksHeld;
  /** A request or a release is on its way: nobody else would bring it there. */
  readonly busy: () => boolean;
}

/** Requests that stand, for the next run of the chain. */
export interface LocksHeld {
  readonly last: number;
  readonly ids: { readonly [name: string]: number };
}

interface Hands {
  askLock(request: LockRequest): Promise<void>;
}

export function openLocks(before: LocksHeld | null): Locks {
  const ids = new Map<string, number>(Object.entries(before?.ids ?? {}));
  const heard = new Set<number>();
  let last = before?.last ?? 0;
  let underway = 0;
  const { askLock } = proxyActivities<Hands>({
    startToCloseTimeout: '15 seconds',
    retry: { initialInterval: 100, backoffCoefficient: 2, maximumInterval: '5 seconds' },
    summary: 'ask for a lock',
  });

  async function onWay(work: Promise<void>): Promise<void> {
    underway += 1;
    try {
      await work;
    } finally {
      underway -= 1;
    }
  }

  function take(name: string): void {
    last += 1;
    ids.set(name, last);
    const { workflowId, firstExecutionRunId } = workflowInfo();
    void onWay(askLock({ name, id: last, workflow: workflowId, chain: firstExecutionRunId }));
  }

  async function give(name: string): Promise<void> {
    const id = ids.get(name);
    if (id === undefined) return;
    ids.delete(name);
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const request: LockRequest = { name, id, workflow: workflowId, chain: firstExecutionRunId };
    try {
      await onWay(getExternalWorkflowHandle(workflowIds.lock(name)).signal(signals.release, request));
    } catch {
      // The lock's workflow is gone: then nobody holds it.
    }
  }

  function hear(grant: LockGrant): boolean {
    if (ids.get(grant.name) !== grant.id || heard.has(grant.id)) return false;
    heard.add(grant.id);
    return true;
  }

  return {
    take,
    give,
    hear,
    giveAll: async () => void (await Promise.all([...ids.keys()].map(give))),
    held: () => ({ last, ids: Object.fromEntries(ids) }),
    busy: () => underway > 0,
  };
}
