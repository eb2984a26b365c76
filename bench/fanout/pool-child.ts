import type { Host } from '../../workflows/domain/site.ts';
import { poolRow } from './pool.ts';

process.once('message', (hosts) => {
  void poolRow(hosts as readonly Host[]).then(
    (row) => process.send!(row, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String((error as Error).stack)}\n`);
      process.exit(1);
    },
  );
});
