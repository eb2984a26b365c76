import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { read, root } from './tree.ts';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly expose?: readonly string[];
  readonly stop_grace_period?: string;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);

test('the cluster is Temporal, PostgreSQL, worker and server, with the schemas made before them', () => {
  expect(Object.keys(compose.services)).toEqual([
    'postgres',
    'temporal-schema',
    'temporal',
    'temporal-namespace',
    'records-schema',
    'worker',
    'server',
    'temporal-ui',
  ]);
  for (const name of ['worker', 'server']) {
    expect(compose.services[name]?.depends_on).toEqual({
      'records-schema': { condition: 'service_completed_successfully' },
      'temporal-namespace': { condition: 'service_completed_successfully' },
    });
  }
});

test('who is waited for exists, and is healthy or done in a way that can be seen', () => {
  for (const [name, service] of services) {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const target = compose.services[other];
      expect([name, other, target !== undefined]).toEqual([name, other, true]);
      if (condition === 'service_healthy') expect([other, target?.healthcheck !== undefined]).toEqual([other, true]);
    }
  }
});

test('every program of ours that a container runs is built from a source of this tree', () => {
  const files = services.flatMap(([, service]) => service.command ?? []).filter((word) => word.startsWith('dist/'));

  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const file of files)
    expect([file, existsSync(join(root, file.replace(/^dist\//, '').replace(/\.js$/, '.ts')))]).toEqual([file, true]);
});

test('every file that is mounted exists, scripts can run, and every named volume is declared', () => {
  for (const [, service] of services) {
    for (const volume of service.volumes ?? []) {
      const [from = ''] = volume.split(':');
      if (from.startsWith('./')) {
        expect([from, existsSync(join(root, from))]).toEqual([from, true]);
        if (from.endsWith('.sh')) expect([from, (statSync(join(root, from)).mode & 0o111) !== 0]).toEqual([from, true]);
      } else if (/^[a-z]+$/.test(from)) expect(Object.keys(compose.volumes)).toContain(from);
    }
  }
});

test('only the server is published, to loopback unless told otherwise; the engine to nobody', () => {
  const published = services.filter(([, service]) => service.ports).map(([name, service]) => [name, service.ports]);

  expect(published).toEqual([
    ['server', ['${TOCSIN_PUBLISH:-127.0.0.1:7780}:7780']],
    ['temporal-ui', ['127.0.0.1:8080:8080']],
  ]);
  expect(compose.services['temporal']?.expose).toEqual(['7233']);
});

test('secrets come from the environment and every variable has a place in the example', () => {
  const text = read('docker-compose.yml');
  const needed = [...text.matchAll(/\$\{([A-Z_]+):\?/g)].map((match) => match[1]!);

  expect(text).not.toMatch(/PASS(WORD)?: (?!\$\{)['"]?[a-z]/i);
  for (const name of new Set(needed)) expect(read('deploy/example.env')).toContain(`${name}=`);
});

test('worker and server are told where the records and the engine are', () => {
  for (const name of ['worker', 'server']) {
    expect(compose.services[name]?.environment).toMatchObject({
      TOCSIN_SITE: '/site',
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_NAMESPACE: 'tocsin',
      DATABASE_URL: expect.stringContaining('@postgres:5432/tocsin'),
    });
  }
  expect(compose.services['temporal-namespace']?.environment).toMatchObject({ NAMESPACE: 'tocsin', RETENTION: '90d' });
});

test('a worker is given longer to leave than its own grace', async () => {
  const { tuning } = await import('../../worker/tuning.ts');

  expect(Number.parseInt(compose.services['worker']!.stop_grace_period!, 10)).toBeGreaterThan(
    Number.parseInt(String(tuning.shutdownForceTime), 10),
  );
});

test('the image copies nothing that the build does not need, and runs as nobody special', () => {
  expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['node_modules', 'dist', '.git', 'site']));
  expect(read('Dockerfile')).toMatch(/^USER node$/m);
});

test('the settings of the server elsewhere are those of the embedded one, but for what only one machine needs', async () => {
  const { engineArguments } = await import('../../worker/services/temporal/flags.ts');
  const embedded = new Map(
    engineArguments({ port: 1, http_port: 2, metrics_port: 3, file: null })
      .filter((word) => /^[a-z]+\.[A-Za-z]+=/.test(word))
      .map((word) => word.split('=') as [string, string]),
  );
  const cluster = parse(read('deploy/temporal-config.yaml')) as Record<string, { value: unknown }[]>;

  for (const [key, [setting]] of Object.entries(cluster)) expect([key, String(setting?.value)]).toEqual([key, embedded.get(key)]);
});
