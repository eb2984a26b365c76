import { randomBytes } from 'node:crypto';
import type { Host } from '../../../../workflows/domain/site.ts';
import { talk } from '../channel.ts';
import { lost, timedOut } from '../errors.ts';
import { refusal, shellCommand } from '../exec.ts';
import type { SshPool } from '../pool.ts';
import { parseReply, type Reply } from './reply.ts';
import type { Call } from './request.ts';

export interface CallOptions {
  readonly pool: Pick<SshPool, 'channel'>;
  readonly host: Host;
  readonly sudo?: boolean;
  readonly as?: string;
  readonly signal: AbortSignal | null;
  readonly offsets: Call['offsets'];
  readonly wait_ms: number;
  /** The host has this long beyond `wait_ms` to answer. */
  readonly patience_ms?: number;
  readonly program: (call: Call) => string;
  /** Called when the program is about to leave us: from here on it may have run. */
  readonly onSend?: () => void;
}

export const answerMax = 1024 * 1024;

/** One question to the ledger and its whole answer. @throws {TocsinError} unreachable, lost, timeout, refused. */
export async function callLedger(options: CallOptions): Promise<Reply & { readonly complaint: string }> {
  const nonce = `tj1-${randomBytes(9).toString('hex')}`;
  const command = shellCommand(options.host, options);
  const input = options.program({ nonce, offsets: options.offsets, max: answerMax, wait_ms: options.wait_ms });
  const { channel, release } = await options.pool.channel(options.host, command, options.signal ?? undefined);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const timeout_ms = options.wait_ms + (options.patience_ms ?? 20_000);
  options.onSend?.();
  try {
    const ended = await talk({
      channel,
      input,
      timeout_ms,
      signal: options.signal,
      onStdout: (chunk) => void out.push(chunk),
      onStderr: (chunk) => void err.push(chunk),
      kill: null,
    });
    const bytes = Buffer.concat(out);
    const complaint = Buffer.concat(err).toString('utf8');
    const reply = parseReply(bytes, nonce);
    if (reply !== null) return { ...reply, complaint };
    if (ended.ended === 'exit' && bytes.indexOf(nonce) < 0)
      throw refusal(options.host, command, complaint, bytes.toString('utf8'), ended.code);
    if (ended.ended === 'timeout') throw timedOut(options.host, 'Ask for a job', timeout_ms);
    throw lost(options.host, 'Ask for a job');
  } finally {
    release();
  }
}
