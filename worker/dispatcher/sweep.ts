import type { Context } from './context.ts';

/** Younger ones are on their way. */
const older_than_ms = 2_000;

/** Starts what was stored but not started, and tells incidents what they were not told: after a crash, or when the engine was away. */
export async function sweep(context: Context): Promise<void> {
  const { records, starter } = context;
  for (const run of await records.runs.unstarted(50, older_than_ms)) {
    const input = await records.runs.input(run);
    if (input !== null) starter.run(input);
  }
  const told = new Set<string>();
  for (const row of await records.alarms.undelivered(100, older_than_ms)) {
    const input = row.incident === null ? null : await records.incidents.input(row.incident);
    if (input === null) await records.alarms.delivered([row.id]);
    else {
      told.add(input.incident);
      starter.tell(input, row);
    }
  }
  for (const input of await records.incidents.unstarted(50, older_than_ms)) {
    if (!told.has(input.incident)) starter.incident(input);
  }
}
