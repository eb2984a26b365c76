import type { Socket } from 'node:net';
import type { Site } from '../../workflows/domain/site.ts';
import { addressOf } from './address.ts';
import type { Probe } from './probe.ts';
import { lookOn, seconds } from './remote.ts';
import { connect } from './tcp.ts';

/** Up when PostgreSQL accepts connections, as `pg_isready` sees it: no login is needed. */
export const postgres: Probe = {
  look: ({ target, site, timeout_ms, signal }) =>
    connect({ ...addressOf(target, site, portOf(target, site)), timeout_ms, signal, talk: greet }),
  async lookFrom(look) {
    const { host, port } = addressOf(look.target, look.site, portOf(look.target, look.site));
    const { up, ms, detail } = await lookOn(look, { program: remote, argv: [host, String(port), seconds(look.timeout_ms)] });
    return { up, ms, detail };
  },
};

const remote = `
if command -v pg_isready >/dev/null 2>&1; then exec pg_isready -q -h "$1" -p "$2" -t "$3"; fi
exit 127`;

function portOf(target: string, site: Site): number {
  return site.hosts.find((known) => known.name === target.trim())?.sql?.port ?? 5_432;
}

/** States in which a server that answers does not serve: starting, going down, recovering, full. */
const notServing: readonly string[] = ['57P01', '57P02', '57P03', '53300'];

/** Sends a start-up message and reads the first answer (PostgreSQL protocol 3.0, "Message Formats"). */
function greet(socket: Socket): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    socket.once('close', () => reject(new Error('closed without an answer')));
    socket.on('data', (data) => {
      seen = Buffer.concat([seen, data as Buffer]);
      const type = String.fromCharCode(seen[0] ?? 0);
      if (type === 'R') return resolve(null);
      if (type !== 'E') return reject(new Error('what answers there is not PostgreSQL'));
      if (seen.length < 5 || seen.length < 1 + seen.readUInt32BE(1)) return;
      const fields = new Map(
        seen
          .subarray(5)
          .toString('utf8')
          .split('\0')
          .map((field) => [field[0], field.slice(1)]),
      );
      const state = fields.get('C') ?? '';
      if (notServing.includes(state)) return reject(new Error(`${fields.get('M') ?? 'not serving'} (${state})`));
      resolve(null);
    });
    socket.write(startup());
  });
}

function startup(): Buffer {
  const body = Buffer.from('user\0tocsin_probe\0application_name\0tocsin\0\0');
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.writeUInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}
