import type { Client } from 'pg';

/** Any constant will do; it only has to be ours. */
const leaderLock = 7780_0002;

export interface Leader {
  readonly leads: () => boolean;
  readonly up: (client: Client) => Promise<void>;
  readonly down: () => void;
  /** Asks for the lead again; cheap when it is held. */
  readonly tryAgain: () => Promise<void>;
}

/** Leadership is a session lock of PostgreSQL: it goes with the connection, so a dead leader leaves at once. */
export function createLeader(): Leader {
  let client: Client | null = null;
  let leads = false;

  async function ask(current: Client): Promise<void> {
    const { rows } = await current.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [leaderLock]);
    if (client === current) leads = rows[0]?.got === true;
  }

  return {
    leads: () => leads,
    async up(fresh) {
      client = fresh;
      await ask(fresh);
    },
    down() {
      client = null;
      leads = false;
    },
    async tryAgain() {
      if (client !== null && !leads) await ask(client);
    },
  };
}
