import type { ClientChannel } from 'ssh2';

export interface TalkOptions {
  readonly channel: ClientChannel;
  /** Written at once, then end of file. */
  readonly input: string | Buffer;
  readonly timeout_ms: number | null;
  readonly signal: AbortSignal | null;
  /** A promise holds the sender back until it settles. */
  readonly onStdout: (chunk: Buffer) => void | Promise<void>;
  readonly onStderr: (chunk: Buffer) => void | Promise<void>;
  /** Ends the remote side when we give up and tells whether it is gone; `null` for calls that end by themselves. */
  readonly kill: (() => Promise<boolean>) | null;
}

export interface Talk {
  readonly ended: 'exit' | 'lost' | 'timeout' | 'aborted';
  readonly code: number | null;
  readonly signal: string | null;
  /** An exit was reported: the process is gone. After giving up it tells whether that was seen. */
  readonly gone: boolean;
}

/** Asking takes TERM, five seconds, KILL; more than this and we hang up. */
const killMax = 10_000;

/** One conversation on one channel, to its end. Never throws; a lost connection is `lost`, never a success. */
export function talk(options: TalkOptions): Promise<Talk> {
  const { channel } = options;
  return new Promise((resolve) => {
    let over = false;
    let gone = false;
    let exit: { code: number | null; signal: string | null } | null = null;
    let given: 'timeout' | 'aborted' | null = null;
    const timers: NodeJS.Timeout[] = [];
    let pending: Promise<void> = Promise.resolve();

    function finish(): void {
      if (over) return;
      over = true;
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      const known = exit !== null && !(exit.code === null && exit.signal === null);
      void pending.then(() =>
        resolve({ ended: given ?? (known ? 'exit' : 'lost'), code: exit?.code ?? null, signal: exit?.signal ?? null, gone: gone || known }),
      );
    }
    function giveUp(why: 'timeout' | 'aborted'): void {
      if (given !== null) return;
      given = why;
      if (options.kill === null) return hangUp();
      timers.push(setTimeout(hangUp, killMax));
      options.kill().then((sure) => {
        gone = sure;
        hangUp();
      }, hangUp);
    }
    /** A frozen peer never answers a close, so nothing is waited for. */
    function hangUp(): void {
      channel.destroy();
      finish();
    }
    function onAbort(): void {
      giveUp('aborted');
    }
    function feed(
      stream: { pause: () => unknown; resume: () => unknown },
      handler: (chunk: Buffer) => void | Promise<void>,
    ): (chunk: Buffer) => void {
      return (chunk) => {
        const wait = handler(chunk);
        if (wait === undefined) return;
        stream.pause();
        pending = pending
          .then(() => wait)
          .catch(() => undefined)
          .then(() => void stream.resume());
      };
    }

    channel.on('data', feed(channel, options.onStdout));
    channel.stderr.on('data', feed(channel.stderr, options.onStderr));
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = { code, signal: signal ?? null };
    });
    channel.on('error', () => undefined);
    channel.once('close', finish);
    if (options.timeout_ms !== null) timers.push(setTimeout(() => giveUp('timeout'), options.timeout_ms));
    if (options.signal?.aborted === true) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
    channel.end(options.input);
  });
}
