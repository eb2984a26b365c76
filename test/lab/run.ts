import { spawn } from 'node:child_process';
import type { LabAnswer } from './spec.ts';

/** Runs a program to its end; nothing of ours is inherited but the three streams. */
export function run(argv: readonly string[], stdin = ''): Promise<LabAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    );
    child.stdin.end(stdin);
  });
}

export async function must(argv: readonly string[], stdin = ''): Promise<string> {
  const answer = await run(argv, stdin);
  if (answer.code !== 0) throw new Error(`${argv.join(' ')}: exit ${answer.code}: ${answer.stderr || answer.stdout}`);
  return answer.stdout;
}
