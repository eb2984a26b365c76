import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { machine } from './report.ts';
import type { Bench, Measured } from './report.ts';

/** `npm run bench -- NAME [--json] [flags]`: the last line is one JSON object; the exit code is 1 when a bar was missed. */
async function main(argv: readonly string[]): Promise<number> {
  const [name = '', ...args] = argv;
  const known = names();
  if (!known.includes(name)) {
    process.stderr.write(`There is no bench "${name}". Known: ${known.join(', ')}\n`);
    return 2;
  }
  const json = args.includes('--json');
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  // On a line of its own: the compiler drops the import of a name that is used inside of `import()` only.
  const file = require.resolve(join(__dirname, name));
  const { bench } = (await import(file)) as { bench: Bench };
  const where = machine();
  const measured = await bench({ args: args.filter((arg) => arg !== '--json'), say });
  if (!json) table(measured);
  process.stdout.write(`${JSON.stringify({ bench: name, machine: where, figures: measured.figures, bars: measured.bars })}\n`);
  return measured.bars.every(({ ok }) => ok) ? 0 : 1;
}

const frame = ['main', 'report'];

/** Every file here that is not the frame and exports `bench`; helpers live in folders. */
function names(): readonly string[] {
  const files = readdirSync(__dirname).filter((file) => /^[a-z-]+\.(js|ts)$/.test(file) && !file.endsWith('.d.ts'));
  return [...new Set(files.map((file) => file.replace(/\.(js|ts)$/, '')))]
    .filter((name) => !frame.includes(name) && existsSync(__dirname))
    .sort();
}

function table({ figures, bars }: Measured): void {
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`${name.padEnd(40)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`);
  for (const { name, value, bar, ok } of bars) process.stdout.write(`${ok ? 'ok    ' : 'MISSED'} ${name.padEnd(33)} ${value} (${bar})\n`);
}

void main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
