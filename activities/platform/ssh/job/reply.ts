/** How a job stands, as its host says. */
export const jobStates = [
  'absent',
  'stale',
  'starting',
  'running',
  'orphan',
  'done',
  'cancelled',
  'lost',
  'lost-reboot',
  'conflict',
  'nostart',
] as const;
export type JobState = (typeof jobStates)[number];

export interface Reply {
  readonly state: JobState;
  readonly exit: number | null;
  readonly timed_out: boolean;
  /** More was printed than the host keeps. */
  readonly truncated: boolean;
  /** Ended so long ago that its output has been cleared away. */
  readonly swept: boolean;
  /** How long it ran, by the host's own clock. */
  readonly ran_ms: number;
  /** Bytes the host holds of each stream. */
  readonly size: { readonly stdout: number; readonly stderr: number };
  readonly boot: string;
  /** `nostart`: which step failed; after a cancel: `gone` or `left:PID`. */
  readonly reason: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** `null` when the answer is not whole: a lost connection, not a statement about the job. */
export function parseReply(bytes: Buffer, nonce: string): Reply | null {
  const at = bytes.indexOf(`${nonce} `);
  if (at < 0) return null;
  const end = bytes.indexOf(0x0a, at);
  if (end < 0) return null;
  const words = bytes.toString('latin1', at, end).split(' ');
  if (words.length !== 12) return null;
  const [, state, , rc, flags, centis, so, se, no, ne, boot, reason] = words as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (!(jobStates as readonly string[]).includes(state)) return null;
  const from = end + 1;
  const middle = from + Number(no);
  const last = middle + Number(ne);
  if (bytes.length < last) return null;
  return {
    state: state as JobState,
    exit: /^\d+$/.test(rc) ? Number(rc) : null,
    timed_out: flags.includes('t'),
    truncated: flags.includes('c'),
    swept: flags.includes('s'),
    ran_ms: Number(centis) * 10,
    size: { stdout: Number(so), stderr: Number(se) },
    boot,
    reason,
    stdout: bytes.subarray(from, middle),
    stderr: bytes.subarray(middle, last),
  };
}
