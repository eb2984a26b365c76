import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openShelf, type Shelf } from '../../runbooks/shelf.ts';
import { emptySite } from '../support/site.ts';

let folder: string;
let shelf: Shelf;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-shelf-'));
  write('one', 1);
  const site = await emptySite({ runbooks: [folder] });
  shelf = await openShelf({ site: () => site, watch_ms: 0 });
});
afterAll(() => {
  shelf.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, version: number, file = `${name}.yaml`): void {
  writeFileSync(
    join(folder, file),
    `runbook: ${name}\nversion: ${version}\ntitle: T${version}\nowner: ops\nsteps:\n  - id: a\n    set: { x: ${version} }\n`,
  );
}

test('a changed file is seen at the next look, the newest version counts', async () => {
  write('one', 2, 'one-next.yaml');
  await shelf.refresh();

  expect(shelf.all().map(({ name, plan }) => [name, plan.version])).toEqual([['one', 2]]);
  expect(shelf.get('one').hash).toMatch(/^[0-9a-f]{64}$/);
});

test('nothing is read again while no file changes', async () => {
  const before = shelf.all();
  await shelf.refresh();
  expect(shelf.all()).toBe(before);
});

test('a broken file is told, and asking for it says what is wrong with it', async () => {
  writeFileSync(join(folder, 'broken.yaml'), 'runbook: broken\nversion: x\n');
  utimesSync(join(folder, 'broken.yaml'), new Date(), new Date());
  await shelf.refresh();

  expect(shelf.problems().length).toBeGreaterThan(0);
  expect(() => shelf.get('broken')).toThrow(
    expect.objectContaining({ code: 'E-NOT-FOUND', message: expect.stringContaining('broken.yaml:') }),
  );
  expect(() => shelf.get('onee')).toThrow(expect.objectContaining({ code: 'E-NOT-FOUND', hint: expect.stringContaining('"one"') }));
});
