import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Received {
  readonly to: readonly string[];
  readonly raw: string;
  readonly mail: ParsedMail;
}

export interface MailboxOptions {
  readonly port?: number;
  /** SMTP code with which a recipient is refused, or `null` to take it. */
  readonly refuse?: (address: string) => number | null;
  /** Told of each message when it is all there: `lose` cuts the connection in place of the 250. */
  readonly afterData?: (count: number) => 'take' | 'lose' | 'hang';
  readonly server?: SMTPServerOptions;
}

export interface Mailbox {
  readonly port: number;
  readonly mails: readonly Received[];
  /** The first mail that fits, as soon as it is there. */
  readonly wait: (fits: (received: Received) => boolean, timeout_ms?: number) => Promise<Received>;
  readonly close: () => Promise<void>;
}

/** A real SMTP server on loopback whose answers a test decides. */
export async function openMailbox(options: MailboxOptions = {}): Promise<Mailbox> {
  const mails: Received[] = [];
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    onRcptTo(address, _session, done) {
      const code = options.refuse?.(address.address) ?? null;
      done(code === null ? null : Object.assign(new Error(code >= 500 ? 'no such mailbox' : 'try again later'), { responseCode: code }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void (async () => {
          const raw = Buffer.concat(chunks);
          mails.push({ to: session.envelope.rcptTo.map((each) => each.address), raw: raw.toString('utf8'), mail: await simpleParser(raw) });
          count += 1;
          const fate = options.afterData?.(count) ?? 'take';
          if (fate === 'take') done(null, `2.0.0 queued as T${count}`);
          if (fate === 'lose')
            for (const connection of server.connections) (connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
        })();
      });
    },
    ...options.server,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as { port: number };
  return {
    port,
    mails,
    async wait(fits, timeout_ms = 15_000) {
      const end = Date.now() + timeout_ms;
      for (;;) {
        const found = mails.find(fits);
        if (found) return found;
        if (Date.now() > end)
          throw new Error(
            `no such mail came within ${timeout_ms} ms; there were: ${mails.map((each) => `${each.to.join(',')}: ${each.mail.subject ?? ''}`).join(' | ') || 'none'}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const connection of server.connections) (connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
        server.close(() => resolve());
      }),
  };
}
