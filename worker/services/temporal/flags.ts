export interface EngineFlags {
  readonly port: number;
  readonly http_port: number;
  readonly metrics_port: number;
  /** Path of the SQLite file; `null` = in memory, for tests only. */
  readonly file: string | null;
}

/** Settings of the server and why they are not the defaults. */
const dynamicConfig: Readonly<Record<string, string>> = {
  // First activity after 25 ms instead of 81: the worker gets it with the answer that scheduled it. Off by default up to 1.31.
  'system.enableActivityEagerExecution': 'true',
  // Priorities need it; off by default in 1.29 and 1.30.
  'matching.useNewMatcher': 'true',
  // One machine: partitions only add hops (43 → 15 ms per task that is not eager).
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  // A storm converges into one incident by update-with-start; the default of 10 at a time refuses the rest.
  'history.maxInFlightUpdates': '200',
  'history.maxTotalUpdates': '10000',
  // Everything comes from our own worker and server: their bursts are not an attack.
  'frontend.namespaceRPS': '10000',
  'frontend.rps': '10000',
  'frontend.namespaceCount': '5000',
};

/** Arguments of `temporal` that make it our engine: loopback only, durable at each commit. */
export function engineArguments(flags: EngineFlags): string[] {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--headless', '--log-format', 'json', '--log-level', 'warn'];
  args.push('--port', String(flags.port), '--http-port', String(flags.http_port), '--metrics-port', String(flags.metrics_port));
  if (flags.file !== null)
    args.push('--db-filename', flags.file, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=full');
  for (const [key, value] of Object.entries(dynamicConfig)) args.push('--dynamic-config-value', `${key}=${value}`);
  return args;
}
