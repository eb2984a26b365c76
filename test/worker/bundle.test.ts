import { withoutSources } from '../../worker/bundle.ts';

function inline(map: object): string {
  return `//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
}

test('a bundle keeps names and lines of its map and loses the texts of its sources', () => {
  const map = { version: 3, sources: ['a.ts'], names: ['x'], mappings: 'AAAA' };

  expect(withoutSources(`code();\n${inline({ ...map, sourcesContent: ['long text'] })}\n`)).toBe(`code();\n${inline(map)}\n`);
});

test('a bundle without a map stays as it is', () => {
  expect(withoutSources('const base64 = "base64,";\n')).toBe('const base64 = "base64,";\n');
});
