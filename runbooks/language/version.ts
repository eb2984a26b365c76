/** Whether a version lies within a range: `2`, `">=2"`, `">=2 <4"`. */
export function inRange(version: number, range: string): boolean {
  return range
    .trim()
    .split(/\s+/)
    .every((part) => {
      const [, sign = '=', text = ''] = /^(>=|<=|>|<|=)?(\d+)$/.exec(part) ?? [];
      const wanted = Number(text);
      if (text === '') return false;
      if (sign === '>=') return version >= wanted;
      if (sign === '<=') return version <= wanted;
      if (sign === '>') return version > wanted;
      return sign === '<' ? version < wanted : version === wanted;
    });
}
