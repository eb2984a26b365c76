import { createTransport, type Transporter } from 'nodemailer';
import type { Site, SecretRef } from '../../workflows/domain/site.ts';
import { createGate } from './gate.ts';
import { classify, type MailAnswer } from './smtp-answer.ts';

/** One mail to one address. Every field is data: line breaks are taken out of what becomes a header. */
export interface Mail {
  readonly to: string;
  readonly name: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** `<…@…>`, the same for every try of one delivery, so that a receiver can tell a repetition. */
  readonly message_id: string;
  /** Message-ID that mails of one incident refer to, so that a reader keeps them in one thread. */
  readonly thread: string | null;
}

export interface Mailer {
  /** Never throws for what the server did; the answer says what is known. */
  readonly send: (mail: Mail, signal?: AbortSignal) => Promise<MailAnswer>;
  readonly close: () => void;
}

export interface MailerOptions {
  readonly mail: () => Site['mail'];
  readonly secret: (ref: SecretRef) => string;
  /** To connect and greet. */
  readonly connect_timeout_ms?: number;
  /** Silence in mid-talk. */
  readonly silence_timeout_ms?: number;
  /** After a server could not be reached, others are not made to wait for the same; then it is tried again. */
  readonly pause_ms?: number;
  readonly now?: () => number;
}

const connections_max = 5;

interface Line {
  readonly transport: Transporter;
  /** Whether a byte of the message went out: the difference between "not sent" and "outcome unknown". */
  readonly begun: (message_id: string) => boolean;
  readonly settings: string;
}

/** A pooled SMTP line to the site's server; a changed site file opens another one. */
export function createMailer(options: MailerOptions): Mailer {
  const now = options.now ?? Date.now;
  // As many at a time as there are connections: who waits here learns at once when the server turns out to be down.
  const gate = createGate(connections_max);
  let line: Line | null = null;
  let down: { readonly until: number; readonly answer: MailAnswer } | null = null;

  function open(mail: NonNullable<Site['mail']>): Line {
    const settings = JSON.stringify(mail);
    if (line?.settings === settings) return line;
    line?.transport.close();
    down = null;
    line = connect(mail, settings, options);
    return line;
  }

  async function send(mail: Mail, signal: AbortSignal | undefined): Promise<MailAnswer> {
    const config = options.mail();
    if (!config)
      return {
        status: 'refused',
        answer: null,
        problem: 'the site has no mail server',
        hint: 'add "mail:" with host, port and from to site.yaml',
      };
    if (down && now() < down.until) return down.answer;
    try {
      const answer = await trySend(open(config), config, mail, signal);
      down = answer.status === 'later' && answer.server ? { until: now() + (options.pause_ms ?? 2_000), answer } : null;
      return answer;
    } catch (error) {
      return {
        status: 'refused',
        answer: null,
        problem: error instanceof Error ? error.message : String(error),
        hint: 'correct "mail:" in site.yaml',
      };
    }
  }

  return {
    send: (mail, signal) => gate(() => send(mail, signal)),
    close() {
      line?.transport.close();
      line = null;
    },
  };
}

function connect(mail: NonNullable<Site['mail']>, settings: string, options: MailerOptions): Line {
  const loopback = mail.host === 'localhost' || mail.host === '::1' || mail.host.startsWith('127.');
  const auth = mail.user && mail.password ? { user: options.secret(mail.user), pass: options.secret(mail.password) } : undefined;
  const transport = createTransport({
    pool: true,
    host: mail.host,
    port: mail.port,
    secure: mail.secure,
    // A password never crosses a network in the clear.
    requireTLS: auth !== undefined && !mail.secure && !loopback,
    ...(auth ? { auth } : {}),
    maxConnections: connections_max,
    connectionTimeout: options.connect_timeout_ms ?? 4_000,
    greetingTimeout: options.connect_timeout_ms ?? 4_000,
    socketTimeout: options.silence_timeout_ms ?? 8_000,
    idleTimeout: 30_000,
    maxRequeues: 1,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const streams = new Map<string, { readonly readableDidRead?: boolean }>();
  transport.use('stream', (outgoing, done) => {
    const { message } = outgoing;
    const make = message.createReadStream.bind(message);
    message.createReadStream = (...args) => {
      const stream = make(...args);
      streams.set(String(outgoing.data.messageId), stream);
      return stream;
    };
    done();
  });
  return {
    transport: transport as unknown as Transporter,
    settings,
    begun(message_id) {
      const stream = streams.get(message_id);
      streams.delete(message_id);
      return stream?.readableDidRead === true;
    },
  };
}

async function trySend(line: Line, config: NonNullable<Site['mail']>, mail: Mail, signal: AbortSignal | undefined): Promise<MailAnswer> {
  try {
    const sent: { response?: string | undefined } = await line.transport.sendMail({
      from: oneLine(config.from),
      to: { name: oneLine(mail.name), address: mail.to },
      envelope: { from: addressOf(config.from), to: mail.to },
      subject: oneLine(mail.subject),
      text: mail.text,
      html: mail.html,
      messageId: mail.message_id,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      ...(mail.thread ? { references: mail.thread, inReplyTo: mail.thread } : {}),
      ...(signal ? { signal } : {}),
    } as Parameters<Transporter['sendMail']>[0]);
    line.begun(mail.message_id);
    return { status: 'sent', answer: oneLine(sent.response ?? '') };
  } catch (error) {
    return classify(error, { begun: line.begun(mail.message_id), server: `${config.host}:${config.port}` });
  }
}

/** CR and LF would begin a new header; other control characters have no place in one. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function addressOf(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim();
}
