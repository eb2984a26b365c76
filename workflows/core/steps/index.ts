import type { Draft } from '../draft.ts';
import type { Step } from '../plan.ts';
import { approve } from './approve.ts';
import { manual } from './manual.ts';
import { set } from './set.ts';
import { wait } from './wait.ts';

/** Kinds that the machine itself carries out: they wait, ask or compute, and touch nothing. */
export const ownKinds: { readonly [kind: string]: (draft: Draft, step: Step) => void } = { approve, manual, set, wait };
