import type { PartName } from '../../../worker/services/place.ts';
import type { CommandSpec, Words } from '../spec.ts';

const words: Readonly<Record<PartName, Words>> = {
  engine: { en: 'run the Temporal server alone, in the foreground', zh: '仅在前台运行 Temporal 服务' },
  records: { en: 'run PostgreSQL alone, in the foreground', zh: '仅在前台运行 PostgreSQL' },
  worker: { en: 'run a worker alone, in the foreground', zh: '仅在前台运行 worker' },
  server: { en: 'run the HTTP server alone, in the foreground', zh: '仅在前台运行 HTTP 服务' },
};

/** The parts of the platform one by one, for a cluster or for looking closely. */
export const parts: readonly CommandSpec[] = (['engine', 'records', 'worker', 'server'] as const).map((name) => ({
  name,
  words: words[name],
  examples: [`tocsin ${name}`],
  act: async (cli) => {
    const { up } = await import('../../../worker/up.ts');
    await up({
      site: await cli.site(),
      env: cli.environment as NodeJS.ProcessEnv,
      only: [name],
      say: cli.hint,
      onReady: () => cli.hint(cli.word('up_hint')),
    });
  },
}));
