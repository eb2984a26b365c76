const filter = /\s*(!?)([A-Za-z][\w.-]*):\s*("(?:[^"\\]|\\.)*"|\S+)/y;

/** Rundeck's node filter as CEL: `tags: web+prod,db name: db-.* !os: windows`. `null` when the text is something else. */
export function rundeckToCel(text: string): string | null {
  const terms: string[] = [];
  filter.lastIndex = 0;
  let end = 0;
  for (let found = filter.exec(text); found !== null; found = filter.exec(text)) {
    const [, not, key, raw] = found as unknown as [string, string, string, string];
    const value = raw.startsWith('"') ? raw.slice(1, -1) : raw;
    const term = key === 'tags' ? tags(value) : attribute(key, value);
    terms.push(not === '' ? term : `!(${term})`);
    end = filter.lastIndex;
  }
  return terms.length === 0 || text.slice(end).trim() !== '' ? null : terms.join(' && ');
}

/** `+` means all of them, `,` any of them. */
function tags(value: string): string {
  const groups = value.split(',').map((group) =>
    group
      .split('+')
      .map((tag) => `${JSON.stringify(tag.trim())} in node.tags`)
      .join(' && '),
  );
  return groups.length === 1 ? groups[0]! : `(${groups.map((group) => `(${group})`).join(' || ')})`;
}

/** A value is a pattern for the whole text, as in Rundeck; `,` any of them. A host without the attribute does not match. */
function attribute(key: string, value: string): string {
  const name = key === 'hostname' ? 'address' : key;
  const pattern = `^(?:${value
    .split(',')
    .map((each) => each.trim())
    .join('|')})$`;
  const field = `node[${JSON.stringify(name)}]`;
  return `(${JSON.stringify(name)} in node && string(${field}).matches(${JSON.stringify(pattern)}))`;
}
