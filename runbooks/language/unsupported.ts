import type { Path } from '../../activities/platform/yaml/yaml.ts';
import type { Json } from '../../workflows/domain/words.ts';
import { complain, type Report } from '../../activities/platform/yaml/report.ts';

interface Unsupported {
  readonly what: string;
  readonly hint: string;
  readonly found: (path: Path, value: Json) => boolean;
}

/** Words of the language that this version refuses, so that nothing is silently ignored. */
export const unsupported: readonly Unsupported[] = [
  {
    what: 'plug-in kinds (x_NAME)',
    hint: 'use a kind of the list; ssh reaches most things',
    found: (path) =>
      String(path.at(-1)).startsWith('x_') && ['steps', 'checks', 'on_failure', 'finally'].includes(String(path[0])) && isActKey(path),
  },
  {
    what: 'drill.mode sandbox and live',
    hint: 'use mode: simulate',
    found: (path, value) => path.join('.') === 'drill.mode' && (value === 'sandbox' || value === 'live'),
  },
];

/** `steps[0].x_foo`, not a key inside some kind's arguments. */
function isActKey(path: Path): boolean {
  const parent = path.at(-2);
  return typeof parent === 'number' || parent === 'done_when' || parent === 'undo';
}

/** Reports them, and returns the value without what was reported, so that it is not reported again as unknown. */
export function refuseUnsupported(report: Report, value: Json, path: Path = []): Json {
  if (Array.isArray(value)) return value.map((item, index) => refuseUnsupported(report, item, [...path, index]));
  if (value === null || typeof value !== 'object') return value;
  const kept: { [key: string]: Json } = {};
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, key];
    const hit = unsupported.find(({ found }) => found(at, inner));
    if (hit === undefined)
      Object.defineProperty(kept, key, {
        value: refuseUnsupported(report, inner, at),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    else complain(report, 'error', at, { code: 'E-UNSUPPORTED', message: `"${key}" is not yet supported: ${hit.what}`, hint: hit.hint });
  }
  return kept;
}
