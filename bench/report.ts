import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** `<= 5 s`, `>= 8 x` */
  readonly bar: string;
  readonly ok: boolean;
}

/** What a bench hands back; figures are named with their unit last: `start_ms_p50`. */
export interface Measured {
  readonly figures: { readonly [name: string]: unknown };
  readonly bars: readonly Bar[];
}

/** A line for people while it runs; never on the last line. */
export type Say = (line: string) => void;

export interface BenchOptions {
  /** Words after the name, such as `--rounds 5`. */
  readonly args: readonly string[];
  readonly say: Say;
}

export type Bench = (options: BenchOptions) => Measured | Promise<Measured>;

export function atMost(name: string, value: number, limit: number, unit = 'x'): Bar {
  return { name, value: round(value), bar: `<= ${limit} ${unit}`, ok: Number.isFinite(value) && value <= limit };
}

export function atLeast(name: string, value: number, limit: number, unit = 'x'): Bar {
  return { name, value: round(value), bar: `>= ${limit} ${unit}`, ok: Number.isFinite(value) && value >= limit };
}

/** The value below which a share `p` (0 to 1) of the sorted values lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN;
}

/** A series in few numbers. */
export function spread(values: readonly number[]): {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly least: number;
  readonly most: number;
  readonly n: number;
} {
  const at = (p: number) => round(percentile(values, p));
  return {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    least: round(Math.min(...values)),
    most: round(Math.max(...values)),
    n: values.length,
  };
}

export function round(value: number, digits = 3): number {
  return Number(value.toPrecision(digits + 1));
}

/** Where it was measured; figures without this mean nothing. */
export function machine() {
  const cpu = cpus();
  return {
    cpu: cpu[0]?.model.trim() ?? 'unknown',
    cores: cpu.length,
    memory_gb: round(totalmem() / 2 ** 30, 2),
    os: `${process.platform} ${release()}`,
    node: process.version,
    load: loadavg().map((one) => round(one, 2)),
    commit: commit(),
    at: new Date().toISOString(),
  };
}

function commit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

/** Value after a flag: `--runs 100` → 100. */
export function numberFlag(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(args[at + 1]);
  if (!Number.isFinite(value)) throw new Error(`--${name} needs a number, not "${args[at + 1] ?? ''}"`);
  return value;
}
