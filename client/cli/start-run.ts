import type { JsonMap } from '../../workflows/domain/words.ts';
import type { Cli } from './cli.ts';
import type { RunRow } from './wire.ts';

export interface StartRun {
  readonly runbook: string;
  readonly inputs: JsonMap;
  readonly reason: string;
  readonly mode: string;
}

/** Starts a run after agreement in proportion to the plan's risk. */
export async function startRun(cli: Cli, wanted: StartRun): Promise<RunRow> {
  const api = await cli.api();
  const answer = await api.post<{ run: RunRow | string } | RunRow>('/api/v1/runs', { ...wanted, by: cli.by });
  return 'run' in answer && typeof answer.run === 'object' ? answer.run : (answer as RunRow);
}
