import { randomUUID } from 'node:crypto';
import type { Outcome, Perform, Unit } from '../../../workflows/core/run.ts';
import type { Site } from '../../../workflows/domain/site.ts';
import type { JsonMap } from '../../../workflows/domain/words.ts';
import type { Deps } from '../../../activities/deps.ts';
import type { SshPool } from '../../../activities/platform/ssh/pool.ts';
import type { Chunk } from '../../../activities/records/outputs.ts';
import type { StepKind } from '../../../activities/steps/kind.ts';
import type { Lab } from '../../lab/spec.ts';

export interface Kept {
  readonly chunks: Chunk[];
  readonly text: (stream: 'stdout' | 'stderr') => Buffer;
}

/** Records of outputs in memory, with the rule of the real ones: the same place is written once. */
export function keepOutputs(): Kept & { readonly outputs: Deps['records']['outputs'] } {
  const chunks: Chunk[] = [];
  return {
    chunks,
    text: (stream) =>
      Buffer.concat(
        chunks
          .filter((chunk) => chunk.stream === stream)
          .sort((a, b) => a.offset - b.offset)
          .map((chunk) => Buffer.from(chunk.bytes)),
      ),
    outputs: {
      append: async (chunk: Chunk) => {
        if (!chunks.some((have) => have.key === chunk.key && have.stream === chunk.stream && have.offset === chunk.offset))
          chunks.push(chunk);
      },
      end: async (key: string, stream: string) =>
        Math.max(
          0,
          ...chunks.filter((chunk) => chunk.key === key && chunk.stream === stream).map((chunk) => chunk.offset + chunk.bytes.length),
        ),
    } as never,
  };
}

export interface ActOptions {
  readonly lab: Lab;
  readonly pool: SshPool;
  readonly kind: StepKind;
  readonly node: string | null;
  readonly args: JsonMap;
  readonly key?: string;
  readonly risk?: Perform['risk'];
  readonly timeout_ms?: number | null;
  readonly signal?: AbortSignal;
  readonly resumed?: JsonMap | null;
  readonly beat?: (details: JsonMap) => void;
  readonly kept?: ReturnType<typeof keepOutputs>;
  readonly secrets?: Perform['secrets'];
}

/** One unit of a step, as the durable shell would have it done. */
export function act(options: ActOptions): Promise<Outcome> {
  const { lab, pool, kind, node, args, timeout_ms = null } = options;
  const unit: Unit = { node, key: options.key ?? `run-1/step#${randomUUID()}`, args: null };
  const perform: Perform = {
    id: 'step#1',
    run: 'run-1',
    incident: null,
    mode: 'live',
    step: 'step',
    title: 'Step',
    role: 'do',
    kind: kind.id,
    args,
    units: [unit],
    risk: options.risk ?? 'change',
    idempotent: false,
    timeout_ms,
    heartbeat_ms: 30_000,
    secrets: options.secrets ?? {},
  };
  const site = { folder: lab.folder, name: 'lab', hosts: lab.hosts } as unknown as Site;
  const deps = {
    site: () => site,
    ssh: pool,
    records: { outputs: (options.kept ?? keepOutputs()).outputs },
    now: Date.now,
  } as unknown as Deps;
  const signal = options.signal ?? (timeout_ms === null ? new AbortController().signal : AbortSignal.timeout(timeout_ms));
  return kind.run({ deps, perform, unit, args, signal, resumed: options.resumed ?? null, beat: options.beat ?? (() => undefined) });
}
