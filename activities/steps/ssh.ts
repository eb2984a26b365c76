import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Outcome } from '../../workflows/core/run.ts';
import type { Host } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import { done, failed, problemOf, refused } from '../hand/outcome.ts';
import { hostOf } from '../hand/place.ts';
import { TocsinError } from '../platform/errors.ts';
import type { JobEnd } from '../platform/ssh/job/job.ts';
import { withSecrets } from '../platform/secrets.ts';
import type { StepKind, UnitContext } from './kind.ts';
import { createOutput, lastLine, type StreamResult } from './ssh-output.ts';
import { text, written } from './written.ts';

const word = z.union([text, z.number(), z.boolean()]);

const shape = z
  .strictObject({
    on: text.min(1).optional().describe('Node or target it runs on; not needed beside "each"'),
    run: z.array(word).min(1).optional().describe('Program and arguments, one word each; no shell reads them'),
    shell: text.min(1).optional().describe('A line for sh -c; every value filled into it is quoted'),
    sudo: written(z.boolean()).default(false).describe('As root, by sudo without a password'),
    as: z
      .string()
      .regex(/^([a-z_][a-z0-9_.-]{0,31}|\$\{\{.*\}\})$/i, 'is not a user name')
      .optional()
      .describe('As this user, by sudo without a password'),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name of a variable'), word)
      .optional()
      .describe('Environment; never visible in the process list'),
    stdin: z.string().optional().describe('Text on standard input; without it there is none'),
    cwd: text
      .regex(/^(\/|\$\{\{)/, 'must be an absolute path')
      .optional()
      .describe('Folder to run in; one that does not exist is refused'),
  })
  .refine((args) => (args.run === undefined) !== (args.shell === undefined), 'needs either run or shell');

type Args = z.infer<typeof shape>;

/**
 * One command on one host. Result: `{exit, stdout, stderr, bytes: {stdout, stderr}, sha256, cut, seconds}`, texts being the
 * last 16 KB; the whole output is in the records. A `read` runs plainly, anything else as a keyed job that runs once.
 */
export const ssh: StepKind = {
  id: 'ssh',
  words: {
    en: { title: 'Command', help: 'Runs a command on a host over SSH; a change runs once, whatever dies meanwhile' },
    zh: { title: '远程命令', help: '通过 SSH 在主机上执行命令；变更类命令无论中途何处中断都只执行一次' },
  },
  shape,
  place: 'on',
  risk: () => 'change',
  idempotent: false,
  chunk: 100,
  run,
};

async function run(context: UnitContext): Promise<Outcome> {
  const { deps, perform, unit, args } = context;
  const began = Date.now();
  const host = hostOf(unit, args, deps.site());
  const given = shape.parse(withSecrets(args, perform.secrets));
  const argv = given.run === undefined ? ['sh', '-c', given.shell ?? ''] : given.run.map(String);
  return perform.risk === 'read' ? read(context, { host, given, argv, began }) : change(context, { host, given, argv, began });
}

interface Act {
  readonly host: Host;
  readonly given: Args;
  readonly argv: readonly string[];
  readonly began: number;
}

function requestOf({ given, argv }: Act) {
  return {
    argv,
    sudo: given.sudo === true,
    ...(given.as === undefined ? {} : { as: given.as }),
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
    ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
    ...(given.env === undefined
      ? {}
      : { env: Object.fromEntries(Object.entries(given.env).map(([name, value]) => [name, String(value)])) }),
  };
}

/** Most a read may last when the step says nothing. */
const readMax = 24 * 3_600_000;

async function read({ deps, perform, unit, signal, args }: UnitContext, act: Act): Promise<Outcome> {
  const { host, began } = act;
  // Own key per try: what two tries printed must not be mixed.
  const key = `${unit.key}!${randomBytes(4).toString('hex')}`;
  const output = createOutput({
    append: deps.records.outputs.append,
    end: () => Promise.resolve(0),
    chunk: { run: perform.run, step: perform.step, node: host.name, key },
  });
  try {
    const answer = await deps.ssh.exec(host, {
      ...requestOf(act),
      timeout_ms: perform.timeout_ms ?? readMax,
      signal,
      cap: 0,
      onStdout: (bytes) => output.add('stdout', bytes),
      onStderr: (bytes) => output.add('stderr', bytes),
    });
    const streams = await output.finish();
    const result = resultOf(answer.exit ?? 128, streams, answer.ms);
    if (answer.exit === 0) return done(result, { unit, began });
    const how = answer.exit === null ? `ended by signal ${answer.signal ?? '?'}` : `exit ${answer.exit}`;
    return failed(
      { kind: 'exit', message: says(host, args, how, streams), hint: hintFor(answer.exit) },
      { unit, began, ran: 'yes', result },
    );
  } catch (error) {
    if (!(error instanceof TocsinError) && !signal.aborted) throw error;
    // A read changes nothing: what was not seen to end may simply be asked again.
    const problem = problemOf(error, 'unreachable');
    const kind = timeOver(signal) ? 'timeout' : signal.aborted ? 'cancelled' : problem.kind === 'unknown' ? 'unreachable' : problem.kind;
    return failed({ ...problem, kind }, { unit, began, ran: 'no' });
  }
}

async function change({ deps, perform, unit, signal, args, resumed, beat }: UnitContext, act: Act): Promise<Outcome> {
  const { host, began } = act;
  const output = createOutput({
    append: deps.records.outputs.append,
    end: (stream) => deps.records.outputs.end(unit.key, stream),
    chunk: { run: perform.run, step: perform.step, node: host.name, key: unit.key },
  });
  let end: JobEnd;
  try {
    end = await deps.ssh.job(host, {
      ...requestOf(act),
      key: unit.key,
      limit_ms: perform.timeout_ms,
      signal,
      // Read again from the first byte, so that sums and tails are of the whole; the records skip what they have.
      ...(typeof resumed?.['started'] === 'boolean' ? { resumed: { started: resumed['started'], offsets: { stdout: 0, stderr: 0 } } } : {}),
      onOutput: (stream, _offset, bytes) => output.add(stream, bytes),
      onProgress: ({ started, offsets }) => beat({ started, stdout: offsets.stdout, stderr: offsets.stderr }),
    });
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return failed(problemOf(error, 'unreachable'), { unit, began, ran: 'no' });
  }
  const streams = await output.finish();
  return settle({ end, streams, host, args, unit, began, signal, timeout_ms: perform.timeout_ms });
}

interface Settle {
  readonly end: JobEnd;
  readonly streams: Readonly<Record<'stdout' | 'stderr', StreamResult>>;
  readonly host: Host;
  readonly args: JsonMap;
  readonly unit: UnitContext['unit'];
  readonly began: number;
  readonly signal: AbortSignal;
  readonly timeout_ms: number | null;
}

function settle({ end, streams, host, args, unit, began, signal, timeout_ms }: Settle): Outcome {
  const result = end.exit === null ? null : { ...resultOf(end.exit, streams, end.ran_ms), ...(end.truncated ? { truncated: true } : {}) };
  const slow = `stopped after ${(timeout_ms ?? 0) / 1_000} s, the step's timeout`;
  switch (end.state) {
    case 'done':
      if (end.exit === 0) return done(result ?? {}, { unit, began });
      if (end.timed_out || timeOver(signal))
        return failed(
          {
            kind: 'timeout',
            message: says(host, args, slow, streams),
            hint: 'Look how far it came; raise "timeout" if it only needs longer',
          },
          { unit, began, ran: 'yes', result },
        );
      if (signal.aborted)
        return failed(
          { kind: 'cancelled', message: says(host, args, end.why || 'stopped on request', streams), hint: null },
          { unit, began, ran: 'yes', result },
        );
      return failed(
        { kind: 'exit', message: says(host, args, `exit ${end.exit ?? '?'}`, streams), hint: hintFor(end.exit) },
        { unit, began, ran: 'yes', result },
      );
    case 'cancelled': {
      const ran = end.exit === null ? 'no' : 'yes';
      if (timeOver(signal))
        return failed({ kind: 'timeout', message: says(host, args, slow, streams), hint: end.why }, { unit, began, ran, result });
      return failed({ kind: 'cancelled', message: says(host, args, end.why, streams), hint: null }, { unit, began, ran, result });
    }
    case 'nostart':
      return refused(says(host, args, `not started, ${end.why}`, null), 'Nothing ran. Mend it on the host, then retry the step', {
        unit,
        began,
      });
    case 'conflict':
      return refused(says(host, args, `not started, ${end.why}`, null), 'Nothing ran now. Retry the step, which makes a new key', {
        unit,
        began,
      });
    case 'unknown':
      return failed(
        {
          kind: 'unknown',
          message: says(host, args, end.why, null),
          hint: `It may or may not have taken effect: look on "${host.name}" before doing it again`,
        },
        { unit, began, ran: 'unknown', result },
      );
  }
}

function resultOf(exit: number, { stdout, stderr }: Settle['streams'], ms: number): JsonMap {
  return {
    exit,
    stdout: stdout.text,
    stderr: stderr.text,
    bytes: { stdout: stdout.bytes, stderr: stderr.bytes },
    sha256: stdout.sha256,
    cut: stdout.cut || stderr.cut,
    seconds: Math.round(ms) / 1_000,
  };
}

/** Arguments as written, secrets still by name. */
function says(host: Host, args: JsonMap, how: string, streams: Settle['streams'] | null): string {
  const run = args['run'];
  const line = Array.isArray(run)
    ? run.map((part) => (part !== null && typeof part === 'object' ? '***' : String(part))).join(' ')
    : typeof args['shell'] === 'string'
      ? args['shell']
      : '***';
  const last = streams === null ? '' : lastLine(streams.stderr.text) || lastLine(streams.stdout.text);
  return `Run "${lastLine(line.replaceAll('\n', ' ')).slice(0, 120)}" on "${host.name}": ${how}${last === '' ? '' : ` (${last})`}`;
}

function hintFor(exit: number | null): string | null {
  if (exit === 127) return 'The program was not found there: install it or give its full path';
  if (exit === 126) return 'It was found but may not be run: check its permissions';
  return 'Its output stands in the run; correct the cause, then retry the step';
}

function timeOver(signal: AbortSignal): boolean {
  return signal.aborted && (signal.reason as { name?: string } | undefined)?.name === 'TimeoutError';
}
