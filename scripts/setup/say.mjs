// One line for people per thing that goes on, with seconds; on a terminal it is drawn over itself.

const live = process.stderr.isTTY && !process.env.CI;
const every_ms = live ? 200 : 10_000;

/** A line that is there while something goes on. `done` leaves one line behind, or none when it was quick. */
export function progress(title) {
  const begin = Date.now();
  let detail = '';
  let drawn = live ? 0 : Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  const draw = () => {
    if (Date.now() - drawn < every_ms) return;
    drawn = Date.now();
    const text = `· ${title}${detail ? ` — ${detail}` : ''} (${seconds()} s)`;
    process.stderr.write(live ? `\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 100) - 1)}` : `${text}\n`);
  };
  const timer = setInterval(draw, live ? 200 : 1_000);
  return {
    detail(text) {
      detail = text;
      draw();
    },
    done(text = title) {
      clearInterval(timer);
      if (live) process.stderr.write('\r\x1b[2K');
      process.stderr.write(`✓ ${text} (${seconds()} s)\n`);
    },
    /** Like done, but not worth a line when it was only a look. */
    quietly(text) {
      if (Date.now() - begin > 2_000) return this.done(text);
      clearInterval(timer);
      if (live) process.stderr.write('\r\x1b[2K');
    },
    failed() {
      clearInterval(timer);
      if (live) process.stderr.write('\r\x1b[2K');
      process.stderr.write(`✗ ${title} (${seconds()} s)\n`);
    },
  };
}

export function note(text) {
  process.stderr.write(`! ${text}\n`);
}

/** A failure that a person can act on: what went wrong, and what to do. */
export class SetupError extends Error {
  constructor(message, hint = '') {
    super(message);
    this.hint = hint;
  }
}

export function fail(error) {
  process.stderr.write(`\nerror  ${error instanceof SetupError ? error.message : (error?.stack ?? error)}\n`);
  if (error?.hint) process.stderr.write(`next   ${error.hint}\n`);
}
