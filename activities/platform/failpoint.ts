/**
 * Places where a test kills the process as a power cut would, by `TOCSIN_FAILPOINT=<name>`:
 * `accepted` alarms are committed, the sender has no answer yet · `opened` incident and run are committed, nothing is started ·
 * `run-started` the run's workflow exists, its row does not say so · `incident-started` the same of the incident ·
 * `run-stored` a run by hand is committed, not started.
 */
export const failpoints = ['accepted', 'opened', 'run-started', 'incident-started', 'run-stored'] as const;
export type Failpoint = (typeof failpoints)[number];

const armed = process.env['TOCSIN_FAILPOINT'] ?? '';

export function failpoint(name: Failpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
