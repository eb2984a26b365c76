import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../../workflows/domain/site.ts';
import { startProgram } from '../../../../activities/platform/ssh/job/request.ts';
import { execProgram } from '../../../../activities/platform/ssh/exec.ts';

/** For each size: the first bytes of the program to the shell, then a look whether anything was done. */
const loop = `
program=$1 mark=$2 jobs=$3 shell=$4
while read -r size; do
  head -c "$size" "$program" | $shell -s >/dev/null 2>&1
  [ ! -e "$mark" ] && [ -z "$(ls -A "$jobs" 2>/dev/null)" ] && continue
  echo "$size"
  rm -rf "$mark" "$jobs"
done
`;

/** Feeds the shell the first `n` bytes of our programs, every `step`th and each of the last `tail`, and says where anything happened. */
export function cutPrograms(options: { readonly shell: string; readonly step: number; readonly tail: number }): {
  readonly points: number;
  readonly ran: readonly number[];
} {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cut-'));
  const mark = join(folder, 'RAN');
  const jobs = join(folder, 'jobs');
  const host: Host = {
    name: 'x',
    address: '',
    port: 22,
    user: 'root',
    key: null,
    host_keys: [],
    known_hosts: null,
    jump: [],
    production: false,
    sql: null,
    tags: [],
    vars: { job_dir: jobs },
  };
  const job = startProgram(
    host,
    { key: 'k', argv: ['touch', mark], limit_ms: null, stdin: 'in', env: { A: 'b' } },
    { nonce: 'n', offsets: { stdout: 0, stderr: 0 }, max: 10, wait_ms: 10 },
    false,
  );
  const plain = execProgram({ argv: ['touch', mark], timeout_ms: 1 }, 'n');
  const ran: number[] = [];
  let points = 0;
  for (const [at, program] of [job, plain].entries()) {
    const path = join(folder, `program-${at}`);
    writeFileSync(path, program);
    const sizes: number[] = [];
    // The last byte is the line break after the closing brace: without it the program is whole.
    const end = Buffer.byteLength(program) - 1;
    for (let size = 0; size < end; size += size >= end - options.tail ? 1 : options.step) sizes.push(size);
    points += sizes.length;
    const seen = spawnSync('sh', ['-c', loop, 'sh', path, mark, jobs, options.shell], { input: `${sizes.join('\n')}\n`, encoding: 'utf8' });
    ran.push(
      ...seen.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map(Number),
    );
  }
  rmSync(folder, { recursive: true, force: true });
  return { points, ran };
}
