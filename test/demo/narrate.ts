/** Short lines with the time since the beginning, so that anybody can follow and nobody has to read everything. */
export interface Narrator {
  readonly say: (line: string) => void;
  /** A headline of the story. */
  readonly act: (line: string) => void;
  readonly elapsed_ms: () => number;
}

export function narrator(write: (text: string) => void, colour: boolean): Narrator {
  const begun = Date.now();
  const stamp = (): string => {
    const seconds = Math.floor((Date.now() - begun) / 1000);
    return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  };
  return {
    say: (line) => write(`${stamp()}    ${line}\n`),
    act: (line) => write(`${stamp()}  ${colour ? `\u001b[1m${line}\u001b[0m` : line}\n`),
    elapsed_ms: () => Date.now() - begun,
  };
}

/** What went wrong in the story, in one sentence, with what to look at. */
export class StoryError extends Error {
  readonly look: string | null;

  constructor(message: string, look: string | null = null) {
    super(message);
    this.name = 'StoryError';
    this.look = look;
  }
}

/** The first answer that is not `null`, asked ever again. Throws `StoryError` when none came in time. */
export async function until<T>(what: string, ask: () => Promise<T | null> | T | null, timeout_ms = 30_000): Promise<T> {
  const end = Date.now() + timeout_ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new StoryError(`${what} did not happen within ${timeout_ms / 1000} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
