import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from '../../workflows/domain/site.ts';
import type { DeliveryRow } from '../records/deliveries.ts';
import type { Channel } from './channels/channel.ts';
import type { Composed } from './compose.ts';
import type { DeliverDeps } from './deliver.ts';

export type Tried = 'sent' | 'failed' | 'unknown';

export interface TryOptions {
  readonly deps: DeliverDeps;
  readonly row: DeliveryRow;
  readonly channel: Channel;
  readonly person: Person;
  readonly address: string;
  readonly thread: string | null;
  readonly signal: AbortSignal;
  readonly beat: () => void;
  readonly pauses_ms: readonly number[];
  readonly message: () => Promise<Composed>;
}

/**
 * One delivery, tried for some seconds. `sent` stands in the records only after the other side took it. An unknown outcome is
 * sent once more with the same id, on purpose: a page twice costs less than a page lost.
 */
export async function tryDelivery(options: TryOptions): Promise<Tried> {
  const { deps, row } = options;
  const { deliveries } = deps.records;
  const message = await options.message();
  let lost = 0;
  for (let attempt = 0; ; attempt += 1) {
    options.beat();
    if ((await deliveries.sending(row.id)) === null) return 'sent';
    const answer = await options.channel.send({
      deps,
      person: options.person,
      address: options.address,
      message,
      message_id: row.message_id ?? `<${row.id}>`,
      thread: options.thread,
      signal: options.signal,
    });
    if (answer.status === 'sent') {
      await deliveries.sent(row.id, answer.answer);
      return 'sent';
    }
    const problem = answer.status === 'unknown' ? answer.problem : `${answer.problem}; ${answer.hint}`;
    deps.log.warn({ delivery: row.id, attempt: attempt + 1, outcome: answer.status, problem: answer.problem }, 'delivery did not succeed');
    if (answer.status === 'unknown') {
      await deliveries.unknown(row.id, `outcome unknown, ${lost === 0 ? 'sent again by policy' : 'sent twice'}: ${problem}`);
      lost += 1;
      if (lost > 1) return 'unknown';
    } else if (lost > 0) await deliveries.unknown(row.id, `outcome unknown, then: ${problem}`);
    else await deliveries.failed(row.id, problem, answer.answer);
    if (answer.status === 'refused') return lost > 0 ? 'unknown' : 'failed';
    const wait = options.pauses_ms[attempt];
    if (wait === undefined || options.signal.aborted) return lost > 0 ? 'unknown' : 'failed';
    await pause(wait, undefined, { signal: options.signal }).catch(() => undefined);
    if (options.signal.aborted) return lost > 0 ? 'unknown' : 'failed';
  }
}
