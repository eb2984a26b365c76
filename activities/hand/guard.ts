import type { Perform } from '../../workflows/core/run.ts';
import type { Host, Site } from '../../workflows/domain/site.ts';
import type { StepKind } from '../steps/kind.ts';

/** Why a unit may not act in this mode, or `null`. Production belongs to `live` alone. */
export function forbidden(perform: Perform, kind: StepKind, place: Host | null, site: Site): string | null {
  if (perform.mode === 'live') return null;
  if (place !== null) return place.production ? `host "${place.name}" is production and the run is a ${perform.mode}` : null;
  if (kind.id !== 'http' || perform.risk === 'read') return null;
  return forbiddenUrl(perform, site);
}

/** A change by HTTP goes to this machine or to a host that the inventory knows and that is not production. */
function forbiddenUrl(perform: Perform, site: Site): string | null {
  const name = hostnameOf(perform.args['url']);
  if (name === null || ['localhost', '127.0.0.1', '[::1]'].includes(name)) return null;
  const host = site.hosts.find((known) => known.address === name || known.name === name);
  if (host === undefined) return `"${name}" is not in the inventory and the run is a ${perform.mode}`;
  return host.production ? `host "${host.name}" is production and the run is a ${perform.mode}` : null;
}

function hostnameOf(url: unknown): string | null {
  try {
    return new URL(String(url)).hostname;
  } catch {
    return null;
  }
}
