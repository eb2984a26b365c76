import { builtinModules } from 'node:module';
import { importsOf, sources } from './tree.ts';
import type { Import } from './tree.ts';

const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const all = sources().flatMap(importsOf);
const within = (path: string, ...folders: string[]) => folders.some((folder) => path.startsWith(`${folder}/`));
const told = (list: readonly Import[]) => list.map(({ from, to }) => `${from} → ${to}`);

test('domain imports nothing but domain', () => {
  expect(told(all.filter(({ from, to }) => within(from, 'workflows/domain') && !within(to, 'workflows/domain')))).toEqual([]);
});

test('the machine imports domain and the expression library only; others as types', () => {
  const allowed = ({ to, typeOnly }: Import) => within(to, 'workflows/core', 'workflows/domain') || to.startsWith('@bufbuild/') || typeOnly;

  expect(told(all.filter((one) => within(one.from, 'workflows/core') && !allowed(one)))).toEqual([]);
});

test('workflows know their hands as types only, and have neither Node nor shapes', () => {
  const bad = ({ to, typeOnly }: Import) =>
    (within(to, 'activities', 'runbooks', 'worker', 'client') && !typeOnly) ||
    builtin.has(to) ||
    ['zod', 'yaml', 'pino', 'pg', 'ssh2', 'fastify'].includes(to);

  expect(told(all.filter((one) => within(one.from, 'workflows') && bad(one)))).toEqual([]);
});

test('hands import domain, core and each other', () => {
  const bad = ({ to, typeOnly }: Import) => within(to, 'worker', 'client') || (within(to, 'runbooks') && !typeOnly);

  expect(told(all.filter((one) => within(one.from, 'activities') && bad(one)))).toEqual([]);
});

test('the language imports no worker and no client', () => {
  expect(told(all.filter(({ from, to }) => within(from, 'runbooks') && within(to, 'worker', 'client')))).toEqual([]);
});

test('nothing of the product imports test; benches measure on the lab, as tests do', () => {
  expect(told(all.filter(({ from, to }) => !within(from, 'test', 'bench') && within(to, 'test', 'bench')))).toEqual([]);
});

test('nobody walks in a circle', () => {
  const edges = new Map<string, string[]>();
  for (const { from, to, typeOnly, lazy } of all)
    if (!typeOnly && !lazy && !within(from, 'test') && to.endsWith('.ts')) edges.set(from, [...(edges.get(from) ?? []), to]);
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) return void circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);

  expect(circles).toEqual([]);
});
