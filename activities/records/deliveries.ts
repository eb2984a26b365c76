import type { Pool } from 'pg';
import type { Moment } from '../../workflows/domain/words.ts';
import { toText, toTextOrNull } from './text.ts';

export const deliveryStatuses = ['queued', 'sending', 'sent', 'failed', 'unknown'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export interface NewDelivery {
  /** Derived from page, person and channel: the same for every retry. */
  readonly id: string;
  readonly page: string;
  readonly incident: string | null;
  readonly run: string | null;
  readonly person: string;
  readonly channel: string;
  readonly address: string;
  readonly template: string;
  readonly subject: string | null;
  readonly message_id: string | null;
  readonly body_text: string | null;
}

export interface DeliveryRow extends NewDelivery {
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** The other side's own words. */
  readonly answer: string | null;
  readonly problem: string | null;
  readonly queued_at: Moment;
  readonly sent_at: Moment | null;
}

export interface DeliveryRecords {
  /** Puts it into the outbox; a second call gives the row as it stands. */
  queue(delivery: NewDelivery): Promise<DeliveryRow>;
  get(id: string): Promise<DeliveryRow | null>;
  /** Takes it for one attempt; `null` when it was sent already. A row found `sending` was cut off in mid-attempt. */
  sending(id: string): Promise<DeliveryRow | null>;
  sent(id: string, answer: string, sent_at?: Moment): Promise<void>;
  failed(id: string, problem: string, answer?: string | null): Promise<void>;
  /** It may or may not have gone out. */
  unknown(id: string, problem: string): Promise<void>;
  ofPage(page: string): Promise<readonly DeliveryRow[]>;
  ofIncident(incident: string): Promise<readonly DeliveryRow[]>;
  ofRun(run: string): Promise<readonly DeliveryRow[]>;
}

const columns =
  'id, page, incident, run, person, channel, address, template, subject, message_id, status, attempts, answer, problem, queued_at, sent_at, body_text';

export function createDeliveries(pool: Pool): DeliveryRecords {
  async function some(text: string, values: unknown[]): Promise<readonly DeliveryRow[]> {
    return (await pool.query<DeliveryRow>(text, values)).rows;
  }
  const select = `select ${columns} from delivery`;

  return {
    async queue(delivery) {
      await pool.query(
        `insert into delivery (id, page, incident, run, person, channel, address, template, subject, message_id, body_text)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do nothing`,
        [
          delivery.id,
          delivery.page,
          delivery.incident,
          delivery.run,
          delivery.person,
          delivery.channel,
          delivery.address,
          delivery.template,
          toTextOrNull(delivery.subject),
          delivery.message_id,
          toTextOrNull(delivery.body_text),
        ],
      );
      const row = (await some(`${select} where id = $1`, [delivery.id]))[0];
      if (row === undefined) throw new Error(`queueing delivery "${delivery.id}": the row is gone`);
      return row;
    },
    get: async (id) => (await some(`${select} where id = $1`, [id]))[0] ?? null,
    sending: async (id) =>
      (
        await some(
          `update delivery set status = 'sending', attempts = attempts + 1 where id = $1 and status <> 'sent' returning ${columns}`,
          [id],
        )
      )[0] ?? null,
    async sent(id, answer, sent_at) {
      await pool.query("update delivery set status = 'sent', answer = $2, problem = null, sent_at = coalesce($3, now()) where id = $1", [
        id,
        toText(answer),
        sent_at === undefined ? null : new Date(sent_at),
      ]);
    },
    async failed(id, problem, answer) {
      await pool.query(
        "update delivery set status = 'failed', problem = $2, answer = coalesce($3, answer) where id = $1 and status <> 'sent'",
        [id, toText(problem), toTextOrNull(answer)],
      );
    },
    async unknown(id, problem) {
      await pool.query("update delivery set status = 'unknown', problem = $2 where id = $1 and status <> 'sent'", [id, toText(problem)]);
    },
    ofPage: (page) => some(`${select} where page = $1 order by queued_at, id`, [page]),
    ofIncident: (incident) => some(`${select} where incident = $1 order by queued_at, id`, [incident]),
    ofRun: (run) => some(`${select} where run = $1 order by queued_at, id`, [run]),
  };
}
