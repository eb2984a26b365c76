import { createServer, type Server, type Socket } from 'node:net';
import { createMailer, type Mail, type Mailer } from '../../../activities/notify/mailer.ts';
import type { Site } from '../../../workflows/domain/site.ts';
import { openMailbox, type Mailbox } from '../../support/mailbox.ts';

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function mailerTo(port: number, part: Partial<NonNullable<Site['mail']>> = {}): Mailer {
  const mailer = createMailer({
    mail: () => ({ host: '127.0.0.1', port, secure: false, from: 'Tocsin <tocsin@example.test>', user: null, password: null, ...part }),
    secret: (ref) => ref.key,
    connect_timeout_ms: 400,
    silence_timeout_ms: 500,
    pause_ms: 1_000,
  });
  open.push(() => mailer.close());
  return mailer;
}

async function mailbox(options: Parameters<typeof openMailbox>[0] = {}): Promise<Mailbox> {
  const box = await openMailbox(options);
  open.push(() => box.close());
  return box;
}

/** A listener that is no mail server. */
async function listener(on: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    on(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return (server.address() as { port: number }).port;
}

function mail(part: Partial<Mail> = {}): Mail {
  return {
    to: 'li@example.test',
    name: 'Li Wei',
    subject: 'Disk failing',
    text: 'text',
    html: '<p>html</p>',
    message_id: '<m1@example.test>',
    thread: '<inc-7@example.test>',
    ...part,
  };
}

test('"sent" is the server\'s own 250', async () => {
  const box = await mailbox();

  expect(await mailerTo(box.port).send(mail())).toEqual({ status: 'sent', answer: '250 2.0.0 queued as T1' });
  expect(box.mails[0]?.mail).toMatchObject({ messageId: '<m1@example.test>', subject: 'Disk failing', inReplyTo: '<inc-7@example.test>' });
  expect(box.mails[0]?.mail.headers.get('auto-submitted')).toBe('auto-generated');
});

test.each([
  [550, 'refused'],
  [451, 'later'],
  [421, 'later'],
])("a recipient answered with %d: %s, with the server's words", async (code, wanted) => {
  const box = await mailbox({ refuse: () => code });

  const answer = await mailerTo(box.port).send(mail());

  expect(answer).toMatchObject({ status: wanted, answer: expect.stringContaining(String(code)) });
  expect(box.mails).toHaveLength(0);
});

test('nothing listening: later, and who comes next is told at once; when the server is back mail goes out', async () => {
  const gone = await openMailbox();
  await gone.close();
  const mailer = mailerTo(gone.port);

  expect(await mailer.send(mail())).toMatchObject({
    status: 'later',
    server: true,
    hint: expect.stringContaining(`127.0.0.1:${gone.port}`),
  });
  const began = Date.now();
  expect(await mailer.send(mail())).toMatchObject({ status: 'later' });
  expect(Date.now() - began).toBeLessThan(20);
  const back = await openMailbox({ port: gone.port });
  open.push(() => back.close());
  await new Promise((resolve) => setTimeout(resolve, 1_050));

  expect(await mailer.send(mail())).toMatchObject({ status: 'sent' });
});

test('a server that accepts and says nothing is given up after the time-out: nothing was sent', async () => {
  const port = await listener(() => undefined);
  const began = Date.now();

  expect(await mailerTo(port).send(mail())).toMatchObject({ status: 'later', server: true });
  expect(Date.now() - began).toBeLessThan(3_000);
});

test('two hundred people and a server that hangs: all know within one time-out, and none more than five connections are opened', async () => {
  let connections = 0;
  const port = await listener(() => {
    connections += 1;
  });
  const mailer = mailerTo(port);
  const began = Date.now();

  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => mailer.send(mail({ message_id: `<all${index}@example.test>` }))),
  );

  expect(answers.every((answer) => answer.status === 'later')).toBe(true);
  expect(Date.now() - began).toBeLessThan(2_000);
  expect(connections).toBeLessThanOrEqual(5);
});

test.each(['lose', 'hang'] as const)('%s after the message and before its 250: the outcome is unknown', async (fate) => {
  const box = await mailbox({ afterData: () => fate });

  expect(await mailerTo(box.port).send(mail())).toMatchObject({ status: 'unknown' });
  expect(box.mails).toHaveLength(1);
});

test('a connection that died while idle costs nothing: the next mail goes over a new one', async () => {
  const box = await mailbox();
  const mailer = mailerTo(box.port);
  await mailer.send(mail());
  await box.close();
  const again = await openMailbox({ port: box.port });
  open.push(() => again.close());

  expect(await mailer.send(mail({ message_id: '<m2@example.test>' }))).toMatchObject({ status: 'sent' });
});

test('TLS where the server speaks plain: refused with what to correct', async () => {
  const box = await mailbox();

  expect(await mailerTo(box.port, { secure: true }).send(mail())).toMatchObject({
    status: 'refused',
    hint: expect.stringContaining('mail.secure'),
  });
});

test('STARTTLS with a certificate nobody trusts: refused with what to correct', async () => {
  const box = await mailbox({ server: { disabledCommands: ['AUTH'] } });

  expect(await mailerTo(box.port).send(mail())).toMatchObject({ status: 'refused', hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
});

test('a password is not sent to another machine in the clear, and a wrong one is said to be wrong', async () => {
  const box = await mailbox({
    server: { disabledCommands: ['STARTTLS'], onAuth: (_auth, _session, done) => done(new Error('Invalid login')) },
  });
  const user = { from: 'env', key: 'u' } as const;

  expect(await mailerTo(box.port, { user, password: user }).send(mail())).toMatchObject({
    status: 'refused',
    hint: expect.stringContaining('mail.password'),
  });
});

test('line breaks in a title begin no header, and no file is read for a body', async () => {
  const box = await mailbox();
  const hostile = 'x\r\nBcc: boss@example.test\r\n\r\n<script>';

  await mailerTo(box.port).send(
    mail({ subject: hostile, name: `Li\r\nBcc: boss@example.test`, text: { path: '/etc/passwd' } as unknown as string }),
  );
  const ok = await mailerTo(box.port).send(mail({ subject: hostile, name: 'Li\nBcc: boss@example.test' }));

  expect(ok.status).toBe('sent');
  expect(box.mails).toHaveLength(1);
  expect(box.mails[0]?.to).toEqual(['li@example.test']);
  expect(box.mails[0]?.mail.headers.has('bcc')).toBe(false);
  expect(box.mails[0]?.mail.subject).toBe('x Bcc: boss@example.test <script>');
});

test('a site without a mail server says so', async () => {
  const mailer = createMailer({ mail: () => null, secret: () => '' });

  expect(await mailer.send(mail())).toMatchObject({ status: 'refused', problem: 'the site has no mail server' });
});
