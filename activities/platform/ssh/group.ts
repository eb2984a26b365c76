import type { Connection } from './connection.ts';

/** Connections to one host under one identity, and who waits for a channel on them. */
export interface Group {
  readonly acquire: (signal: AbortSignal | null) => Promise<Lease>;
  readonly size: () => { connections: number; channels: number; waiting: number; dialing: number };
  readonly close: () => void;
}

/** Right to open one channel. `crowded()` tells that the host refused it, so fewer fit than we thought. */
export interface Lease {
  readonly connection: Connection;
  readonly release: () => void;
  readonly crowded: () => void;
}

export interface GroupOptions {
  readonly dial: () => Promise<Connection>;
  readonly channels_max: number;
  readonly connections_max: number;
  readonly age_max_ms: number;
  readonly idle_ms: () => number;
  /** Idle longer than this: asked whether it still answers before it is handed out. */
  readonly stale_ms: number;
  readonly ping: (connection: Connection) => Promise<boolean>;
  readonly onEmpty: () => void;
  readonly onLost: () => void;
}

interface Slot {
  readonly connection: Connection;
  channels: number;
  limit: number;
  used_at: number;
  idle: NodeJS.Timeout | null;
}

interface Waiter {
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroup(options: GroupOptions): Group {
  const slots = new Set<Slot>();
  const waiters: Waiter[] = [];
  let dialing = 0;

  function usable(): Slot | undefined {
    let best: Slot | undefined;
    for (const slot of slots) {
      if (!slot.connection.open || slot.channels >= slot.limit || Date.now() - slot.connection.opened_at > options.age_max_ms) continue;
      if (best === undefined || slot.channels < best.channels) best = slot;
    }
    return best;
  }

  function pump(): void {
    while (waiters.length > 0) {
      const slot = usable();
      if (slot === undefined) break;
      hand(slot, waiters.shift()!);
    }
    if (waiters.length > 0 && dialing === 0 && slots.size < options.connections_max) void grow();
  }

  async function grow(): Promise<void> {
    dialing += 1;
    try {
      add(await options.dial());
    } catch (error) {
      // With a living connection the waiters still get their turn on it.
      if (slots.size === 0) for (const waiter of waiters.splice(0)) waiter.reject(error);
    } finally {
      dialing -= 1;
    }
    pump();
  }

  function add(connection: Connection): void {
    const slot: Slot = { connection, channels: 0, limit: options.channels_max, used_at: Date.now(), idle: null };
    slots.add(slot);
    connection.onEnd((why) => {
      if (slot.idle !== null) clearTimeout(slot.idle);
      slots.delete(slot);
      if (why !== null) options.onLost();
      if (slots.size === 0 && waiters.length === 0 && dialing === 0) options.onEmpty();
      else pump();
    });
    settle(slot);
  }

  function hand(slot: Slot, waiter: Waiter): void {
    if (slot.idle !== null) clearTimeout(slot.idle);
    slot.idle = null;
    slot.channels += 1;
    const stale = Date.now() - slot.used_at > options.stale_ms;
    if (!stale) return waiter.resolve(lease(slot));
    void options.ping(slot.connection).then((alive) => {
      if (alive) return waiter.resolve(lease(slot));
      slots.delete(slot);
      slot.connection.close();
      waiters.unshift(waiter);
      pump();
    });
  }

  function lease(slot: Slot): Lease {
    let held = true;
    return {
      connection: slot.connection,
      crowded: () => {
        slot.limit = Math.max(1, slot.channels - 1);
      },
      release: () => {
        if (!held) return;
        held = false;
        slot.channels -= 1;
        slot.used_at = Date.now();
        settle(slot);
        pump();
      },
    };
  }

  function settle(slot: Slot): void {
    if (slot.channels > 0 || !slot.connection.open) return;
    if (Date.now() - slot.connection.opened_at > options.age_max_ms) return slot.connection.close();
    slot.idle ??= setTimeout(() => slot.connection.close(), options.idle_ms()).unref();
  }

  return {
    size: () => ({
      connections: slots.size,
      channels: [...slots].reduce((sum, slot) => sum + slot.channels, 0),
      waiting: waiters.length,
      dialing,
    }),
    close: () => {
      for (const slot of slots) slot.connection.close();
    },
    acquire: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const waiter: Waiter = {
          reject: (error) => settleWaiter(() => reject(error)),
          resolve: (got) => settleWaiter(() => resolve(got)),
        };
        function settleWaiter(then: () => void): void {
          signal?.removeEventListener('abort', onAbort);
          then();
        }
        function onAbort(): void {
          const at = waiters.indexOf(waiter);
          if (at < 0) return;
          waiters.splice(at, 1);
          reject(signal?.reason);
        }
        signal?.addEventListener('abort', onAbort, { once: true });
        waiters.push(waiter);
        pump();
      }),
  };
}
