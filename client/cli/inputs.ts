import type { Json, JsonMap } from '../../workflows/domain/words.ts';
import { usage } from './errors.ts';

/**
 * `key=value` pairs. Words stay text, whatever they look like: the runbook's own types decide. `key:=json` takes any JSON,
 * for lists, numbers and booleans. Throws `E-USAGE`.
 */
export function inputsOf(pairs: readonly string[]): JsonMap {
  const inputs: JsonMap = {};
  for (const pair of pairs) {
    const found = /^([a-z][a-z0-9_]*)(:?=)([\s\S]*)$/.exec(pair);
    if (!found)
      throw usage(`cannot read the input "${pair}": it should be key=value with a key like host or max_lag`, 'for example -i host=web-1');
    const [, key = '', sign, value = ''] = found;
    if (Object.hasOwn(inputs, key))
      throw usage(`the input "${key}" is given twice: "${String(inputs[key])}" and "${value}"`, 'give it once');
    inputs[key] = sign === ':=' ? jsonOf(key, value) : value;
  }
  return inputs;
}

function jsonOf(key: string, value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    throw usage(`cannot read the input "${key}": "${value}" is not JSON, and := wants JSON`, `write ${key}=${value} for plain text`);
  }
}
