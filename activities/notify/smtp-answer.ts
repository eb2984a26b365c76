/** What is known after one try to hand a mail over. */
export type MailAnswer =
  /** 250 after the message: the server has taken it on. */
  | { readonly status: 'sent'; readonly answer: string }
  /** Will not change by trying again: 5yz, wrong address, wrong password, wrong certificate. */
  | { readonly status: 'refused'; readonly answer: string | null; readonly problem: string; readonly hint: string }
  /** Nothing left us; `server` = it concerns the server and not this mail. */
  | { readonly status: 'later'; readonly answer: string | null; readonly problem: string; readonly hint: string; readonly server: boolean }
  /** Lost between the message and its 250: it may have been taken. */
  | { readonly status: 'unknown'; readonly problem: string };

interface SmtpError {
  readonly code?: string;
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly message: string;
}

/** Sorts nodemailer's errors; a code with a reply is judged by the reply, the rest by how far we came. */
export function classify(thrown: unknown, where: { readonly begun: boolean; readonly server: string }): MailAnswer {
  const error = (thrown instanceof Error ? thrown : { message: String(thrown) }) as SmtpError;
  const reply = error.response ?? null;
  const code = error.responseCode;
  const problem = `mail server ${where.server}: ${error.message}`;

  // 421 and 503 speak of the session, not of this mail.
  if (code !== undefined && code >= 500 && code !== 503) {
    const login = error.code === 'EAUTH';
    return {
      status: 'refused',
      answer: reply,
      problem,
      hint: login
        ? 'correct mail.user and mail.password in site.yaml'
        : "check the address in people.yaml with the mail server's administrator",
    };
  }
  if (code !== undefined && code >= 400)
    return { status: 'later', answer: reply, problem, hint: 'it is tried again by itself', server: code === 421 };
  if (error.code === 'ETLS' || isCertificate(error)) {
    return {
      status: 'refused',
      answer: null,
      problem,
      hint: 'mail.secure in site.yaml must match the port (465: true, 25 and 587: false), and the certificate must be trusted (NODE_EXTRA_CA_CERTS)',
    };
  }
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH')
    return { status: 'refused', answer: reply, problem, hint: 'correct mail.user and mail.password in site.yaml' };
  if (error.code === 'EENVELOPE') return { status: 'refused', answer: reply, problem, hint: 'correct the address in people.yaml' };
  if (where.begun) return { status: 'unknown', problem };
  return {
    status: 'later',
    answer: reply,
    problem,
    hint: `is a mail server listening on ${where.server}? It is tried again by itself`,
    server: true,
  };
}

function isCertificate(error: SmtpError): boolean {
  const code = error.originalCode ?? error.code ?? '';
  return (
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    code.includes('CERT') ||
    code === 'EPROTO' ||
    /wrong version number|certificate/i.test(error.message)
  );
}
