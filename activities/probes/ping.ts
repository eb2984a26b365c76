import { execFile } from 'node:child_process';
import { TocsinError } from '../platform/errors.ts';
import { hostOnly } from './address.ts';
import type { Probe, Seen } from './probe.ts';
import { lookOn, seconds } from './remote.ts';

/** Up when one echo comes back. Uses the system's `ping`, which has the right to send it. */
export const ping: Probe = {
  look({ target, site, timeout_ms, signal }) {
    const host = hostOnly(target, site);
    const began = performance.now();
    return new Promise<Seen>((resolve, reject) => {
      execFile('ping', ['-n', '-c1', '-W', seconds(timeout_ms), host], { timeout: timeout_ms + 2_000, signal }, (error, stdout, stderr) => {
        const ms = Math.round((performance.now() - began) * 10) / 10;
        if (error === null) return resolve({ up: true, ms: roundTrip(stdout) ?? ms, detail: null });
        if (error.code === 'ENOENT')
          return reject(
            new TocsinError('Probing by ping failed: this machine has no ping', {
              code: 'E-PROBE-TOOL',
              kind: 'unreachable',
              hint: 'Install iputils-ping where the worker runs',
            }),
          );
        resolve({ up: false, ms, detail: stderr.trim() || 'no echo' });
      });
    });
  },
  async lookFrom(look) {
    const { up, ms, detail, stdout } = await lookOn(look, {
      program: remote,
      argv: [hostOnly(look.target, look.site), seconds(look.timeout_ms)],
    });
    return { up, ms: roundTrip(stdout) ?? ms, detail: up ? null : (detail ?? 'no echo') };
  },
};

const remote = 'command -v ping >/dev/null 2>&1 || exit 127; exec ping -n -c1 -W "$2" "$1"';

function roundTrip(stdout: string): number | null {
  const found = /time[=<]([\d.]+) ?ms/.exec(stdout);
  return found === null ? null : Number(found[1]);
}
