import type { Person } from '../../workflows/domain/site.ts';

export interface Called {
  readonly person: Person;
  /** The role or name they were called by; the first one, when several fit. */
  readonly as: string;
}

export interface Roster {
  readonly called: readonly Called[];
  /** Names and roles that nobody stands behind. */
  readonly missing: readonly string[];
}

/** Everybody of the site, whatever their roles. */
const everybody = 'all_hands';

/** Turns roles and names into persons, each once, in the order called. A person's own name wins over a role of the same name. */
export function callPeople(people: readonly Person[], to: readonly string[]): Roster {
  const called = new Map<string, Called>();
  const missing: string[] = [];
  for (const as of to) {
    const found = find(people, as);
    if (found.length === 0) missing.push(as);
    for (const person of found) if (!called.has(person.name)) called.set(person.name, { person, as });
  }
  return { called: [...called.values()], missing: [...new Set(missing)] };
}

function find(people: readonly Person[], as: string): readonly Person[] {
  const named = people.filter((person) => person.name === as);
  if (named.length > 0) return named;
  return as === everybody ? people : people.filter((person) => person.roles.includes(as));
}
