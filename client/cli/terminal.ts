/** What the other end of our output can show. Decided once at the start, from the streams and the environment. */
export interface Terminal {
  /** Redrawing is welcome. */
  readonly live: boolean;
  readonly colour: boolean;
  /** A person can be asked. */
  readonly interactive: boolean;
  readonly columns: number;
}

export interface TerminalFacts {
  readonly stdoutTty: boolean;
  readonly stdinTty: boolean;
  readonly columns: number | undefined;
  readonly noColour: boolean;
  readonly dumb: boolean;
}

export function terminalOf(facts: TerminalFacts, wants: { readonly json: boolean; readonly noInput: boolean }): Terminal {
  const live = facts.stdoutTty && !facts.dumb && !wants.json;
  return {
    live,
    colour: live && !facts.noColour,
    interactive: facts.stdinTty && !wants.noInput && !wants.json,
    columns: facts.stdoutTty && facts.columns ? facts.columns : 120,
  };
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Ink = keyof typeof codes;

export function inked(terminal: Terminal, ink: Ink, text: string): string {
  return terminal.colour ? `\u001b[${codes[ink]}m${text}\u001b[0m` : text;
}
