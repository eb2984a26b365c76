import type { Plan, Resolved } from '../workflows/core/plan.ts';
import type { JsonMap } from '../workflows/domain/words.ts';

/** A runbook that can be started. */
export interface Loaded {
  readonly name: string;
  readonly plan: Plan;
  readonly hash: string;
  /** Absolute path of its file. */
  readonly path: string;
}

/** A file that cannot be started, and why. */
export interface Broken {
  readonly name: string;
  readonly path: string;
  readonly problem: string;
}

/** What a run is started with besides its plan: inputs with their defaults, and which nodes each target stands for. */
export interface Bound {
  readonly inputs: JsonMap;
  readonly targets: Resolved;
}

/** The runbooks of a site, kept compiled; a changed file is seen within a second. */
export interface Library {
  /** As compiled last; costs nothing. */
  readonly all: () => readonly Loaded[];
  readonly broken: () => readonly Broken[];
  /** @throws TocsinError `E-NOT-FOUND` with the nearest name, or `E-RUNBOOK` when its file does not compile */
  readonly get: (name: string) => Loaded;
  /** @throws TocsinError naming the input or target that is wrong */
  readonly bind: (loaded: Loaded, inputs: JsonMap) => Bound;
  /** Looks at the files now. */
  readonly refresh: () => Promise<void>;
  readonly close: () => void;
}
