import type { IncidentMove, IncidentState } from '../people.ts';
import type { Moment } from '../../domain/words.ts';

const text_max = 4_000;

function clock(at: Moment): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`;
}

/** Why `move` cannot be made now, for people, or `null`. A move already made is legal: it changes nothing. */
export function legalIncident(state: IncidentState, move: IncidentMove): string | null {
  if (state.moves.includes(move.id)) return null;
  const name = state.input.incident;
  if (move.by.trim() === '') return `${move.kind} of ${name} needs a person: "by" is empty`;
  if (state.resolved) return `${name} was resolved by ${state.resolved.by} at ${clock(state.resolved.at)}: nothing more can be done to it`;
  switch (move.kind) {
    case 'acknowledge':
      return state.acknowledged ? `${name} is already acknowledged by ${state.acknowledged.by} at ${clock(state.acknowledged.at)}` : null;
    case 'resolve':
      return move.reason.trim() === '' ? `resolving ${name} needs a reason: say what ended the fault` : null;
    case 'hand_over':
      if (move.to.trim() === '') return `handing over ${name} needs a person: "to" is empty`;
      return move.to === state.commander ? `${move.to} already commands ${name}` : null;
    case 'severity':
      if (!Object.hasOwn(state.input.tiers, move.severity))
        return `severity "${String(move.severity)}" is unknown: use ${Object.keys(state.input.tiers).join(', ')}`;
      return move.severity === state.severity ? `${name} already is ${move.severity}` : null;
    case 'note':
      if (move.text.trim() === '') return `the note on ${name} is empty`;
      return move.text.length > text_max ? `the note on ${name} has ${move.text.length} characters: at most ${text_max} are kept` : null;
  }
}
