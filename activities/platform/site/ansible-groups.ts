import type { JsonMap } from '../../../workflows/domain/words.ts';

/** An inventory as both spellings give it, before variables are handed down. */
export interface Group {
  readonly hosts: Map<string, JsonMap>;
  readonly vars: JsonMap;
  readonly children: Set<string>;
}
export type Groups = Map<string, Group>;

export function groupOf(groups: Groups, name: string): Group {
  let group = groups.get(name);
  if (group === undefined) {
    group = { hosts: new Map(), vars: {}, children: new Set() };
    groups.set(name, group);
  }
  return group;
}
