import type { Perform, Unit } from '../../workflows/core/run.ts';
import type { Host, Site } from '../../workflows/domain/site.ts';
import { TocsinError } from '../platform/errors.ts';

/** Name of the place a unit acts on: its own node, or what the step says under `on`. */
export function placeOf(unit: Unit, args: Perform['args']): string | null {
  if (unit.node !== null) return unit.node;
  return typeof args['on'] === 'string' ? args['on'] : null;
}

/**
 * The host of that name.
 * @throws TocsinError E-HOST-UNKNOWN
 */
export function hostNamed(name: string, site: Site): Host {
  const host = site.hosts.find((known) => known.name === name);
  if (host !== undefined) return host;
  const like = site.hosts
    .map((known) => known.name)
    .filter((known) => known.startsWith(name.slice(0, 3)))
    .slice(0, 5);
  const hint = like.length > 0 ? `Known names that look like it: ${like.join(', ')}` : `Add "${name}" to hosts.yaml`;
  throw new TocsinError(`Finding host "${name}" failed: the inventory of site "${site.name}" does not have it`, {
    code: 'E-HOST-UNKNOWN',
    hint,
  });
}

/**
 * The host a unit acts on.
 * @throws TocsinError E-HOST-UNKNOWN, E-HOST-MISSING
 */
export function hostOf(unit: Unit, args: Perform['args'], site: Site): Host {
  const name = placeOf(unit, args);
  if (name === null)
    throw new TocsinError('Finding the host of the step failed: neither "each" nor "on" names one', {
      code: 'E-HOST-MISSING',
      hint: 'Write "on: NAME" in the step',
    });
  return hostNamed(name, site);
}
