import { explainFetch } from '../platform/web.ts';
import { TocsinError } from '../platform/errors.ts';
import type { Probe } from './probe.ts';
import { lookOn, seconds } from './remote.ts';

/** Up when the address answers 200 to 399. */
export const http: Probe = {
  async look({ target, timeout_ms, signal }) {
    const began = performance.now();
    const took = () => Math.round((performance.now() - began) * 10) / 10;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]);
    try {
      const answer = await fetch(webAddress(target), { redirect: 'manual', signal: limit });
      await answer.body?.cancel();
      return { up: answer.status >= 200 && answer.status < 400, ms: took(), detail: `status ${answer.status}` };
    } catch (error) {
      if (error instanceof TocsinError) throw error;
      return { up: false, ms: took(), detail: explainFetch(error, limit).message };
    }
  },
  async lookFrom(look) {
    const { up, ms, detail, stdout } = await lookOn(look, { program: remote, argv: [webAddress(look.target), seconds(look.timeout_ms)] });
    if (!/^\d{3}$/.test(stdout) || stdout === '000') return { up: up && stdout === '', ms, detail };
    return { up: Number(stdout) >= 200 && Number(stdout) < 400, ms, detail: `status ${stdout}` };
  },
};

const remote = `
if command -v curl >/dev/null 2>&1; then exec curl -sS -o /dev/null -w '%{http_code}' --max-time "$2" -- "$1"; fi
if command -v wget >/dev/null 2>&1; then exec wget -q -T "$2" -t 1 -O /dev/null -- "$1"; fi
exit 127`;

function webAddress(target: string): string {
  if (/^https?:\/\//.test(target) && URL.canParse(target)) return target;
  throw new TocsinError(`Reading probe target "${target}" failed: it is not an address that begins with http:// or https://`, {
    code: 'E-PROBE-TARGET',
    hint: 'Write for example "http://web-1/healthz"',
  });
}
