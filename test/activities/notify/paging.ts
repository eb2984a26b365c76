import type { DeliverOptions } from '../../../activities/notify/deliver.ts';
import type { Page } from '../../../workflows/core/people.ts';
import { openMailbox, type Mailbox, type MailboxOptions } from '../../support/mailbox.ts';
import { freshRecords, pagingDeps, type RecordsOfTest } from '../../support/people.ts';

export let store: RecordsOfTest;
beforeAll(async () => {
  store = await freshRecords();
}, 120_000);
afterAll(async () => store?.close());

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

export async function stage(options: MailboxOptions & { readonly site?: object } = {}) {
  const box: Mailbox = await openMailbox(options);
  const deps = pagingDeps({ records: store.records, smtp_port: box.port, site: options.site ?? {} });
  open.push(
    () => box.close(),
    () => deps.close(),
  );
  return { box, deps };
}

let number = 0;
export function page(part: Partial<Page> = {}): Page {
  number += 1;
  const incident = `inc-${number}`;
  return {
    id: `${incident}/tier-1`,
    incident,
    to: ['on_duty'],
    template: 'incident_tier',
    severity: 'fatal',
    values: {
      title: 'Disk failing',
      service: 'orders',
      opened_at: Date.UTC(2026, 0, 5, 2),
      at: Date.now(),
      commander: null,
      run: null,
      alarms: ['DiskFailing'],
      alarm_count: 1,
      number: 1,
      after_ms: 600_000,
      report: false,
      next: { what: 'tier', step: null, at: Date.now() + 300_000, values: { to: ['level_2'], report: false } },
    },
    ...part,
  };
}

export const options = (sent: Page, part: Partial<DeliverOptions> = {}): DeliverOptions => ({
  page: sent,
  run: null,
  signal: new AbortController().signal,
  pauses_ms: [60, 60],
  ...part,
});
