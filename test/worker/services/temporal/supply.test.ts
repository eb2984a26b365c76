import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cachedBinary } from '../../../../worker/services/temporal/cache.ts';
import { engineArguments } from '../../../../worker/services/temporal/flags.ts';
import { remoteTemporal } from '../../../../worker/services/temporal/remote.ts';
import { checkStamp, readStamp } from '../../../../worker/services/temporal/stamp.ts';
import { supplyTemporal } from '../../../../worker/services/temporal/supply.ts';
import { generationOf, serverVersionOf } from '../../../../worker/services/temporal/version.ts';
import type { Generation } from '../../../../worker/services/temporal/version.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'tocsin-supply-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A program that answers `--version` like a Temporal command line. */
function program(path: string, server: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "temporal version 9.9.9 (Server ${server}, UI 2.0.0)"\n`);
  chmodSync(path, 0o755);
  return path;
}

function supply(env: NodeJS.ProcessEnv, generation: Generation | null = null) {
  const said: string[] = [];
  // Neither download nor Go: what is not found here must fail, not be fetched.
  const answer = supplyTemporal({
    env: { XDG_CACHE_HOME: join(home, 'cache'), PATH: '/bin', ...env },
    generation,
    say: (line) => void said.push(line),
  });
  return { answer, said };
}

describe('the order of sources', () => {
  test('the named program comes before PATH and cache', async () => {
    const named = program(join(home, 'named', 'temporal'), '1.29.1');
    program(join(home, 'bin', 'temporal'), '1.29.1');

    expect(await supply({ TOCSIN_TEMPORAL: named, PATH: `${join(home, 'bin')}:/bin` }).answer).toEqual({
      path: named,
      server: '1.29.1',
      generation: '1.29',
    });
  });

  test('PATH comes before the cache when it fits the file', async () => {
    const found = program(join(home, 'bin', 'temporal'), '1.29.0');
    program(cachedBinary({ XDG_CACHE_HOME: join(home, 'cache') }), '1.29.1');

    expect((await supply({ PATH: `${join(home, 'bin')}:/bin` }, '1.29').answer).path).toBe(found);
  });

  test('a program on PATH of another generation is passed over, and said so', async () => {
    program(join(home, 'bin', 'temporal'), '1.32.2');
    const cached = program(cachedBinary({ XDG_CACHE_HOME: join(home, 'cache') }), '1.29.1');
    const { answer, said } = supply({ PATH: `${join(home, 'bin')}:/bin` }, '1.29');

    expect((await answer).path).toBe(cached);
    expect(said.join()).toContain('server 1.32.2 does not fit the engine file of generation 1.29');
  });

  test('a program that is newer than what is known is not trusted with a file', async () => {
    program(join(home, 'bin', 'temporal'), '1.40.0');
    const cached = program(cachedBinary({ XDG_CACHE_HOME: join(home, 'cache') }), '1.29.1');

    expect((await supply({ PATH: `${join(home, 'bin')}:/bin` }).answer).path).toBe(cached);
  });
});

describe('what cannot be used', () => {
  test('TOCSIN_TEMPORAL that leads nowhere is an error, not a fall-back', async () => {
    await expect(supply({ TOCSIN_TEMPORAL: '/no/such/temporal' }).answer).rejects.toMatchObject({
      code: 'E-ENGINE-BINARY',
      message: expect.stringContaining('does not exist'),
    });
  });

  test('TOCSIN_TEMPORAL of another generation than the file is refused with both versions', async () => {
    const named = program(join(home, 'temporal'), '1.30.4');

    await expect(supply({ TOCSIN_TEMPORAL: named }, '1.29').answer).rejects.toMatchObject({
      code: 'E-ENGINE-GENERATION',
      message: expect.stringMatching(/server 1\.30\.4.*generation 1\.29/),
    });
  });
});

describe('the stamp of the engine file', () => {
  const binary = (server: string) => ({ path: '/x', server, generation: generationOf(server) });

  test('a new file is stamped; the same generation opens it, another is refused', () => {
    const file = join(home, 'temporal.db');
    checkStamp(file, binary('1.29.1'));
    writeFileSync(file, '');

    checkStamp(file, binary('1.28.0'));

    expect(readStamp(file)).toMatchObject({ generation: '1.29', server: '1.29.1', opened_by: '1.28.0' });
    expect(() => checkStamp(file, binary('1.31.0'))).toThrow(/generation 1\.29 \(server 1\.29\.1\), but server 1\.31\.0/);
    expect(readFileSync(`${file}.stamp.json`, 'utf8')).toContain('1.28.0');
  });

  test('a file without a stamp is not opened', () => {
    const file = join(home, 'temporal.db');
    writeFileSync(file, 'old');

    expect(() => checkStamp(file, binary('1.29.1'))).toThrow(/no readable stamp/);
    expect(existsSync(`${file}.stamp.json`)).toBe(false);
  });
});

test('generations as compared by their schemas', () => {
  expect(['1.22.0', '1.29.1', '1.30.0', '1.31.0', '1.32.2', '1.32.3', '1.33.0', '2.0.0', 'none'].map(generationOf)).toEqual([
    '1.29',
    '1.29',
    '1.30',
    '1.31',
    '1.31',
    null,
    null,
    null,
    null,
  ]);
  expect(serverVersionOf('temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)')).toBe('1.29.1');
});

test('the engine listens on loopback and writes through to the disk', () => {
  const args = engineArguments({ port: 1, http_port: 2, metrics_port: 3, file: '/f' }).join(' ');

  expect(args).toContain('--ip 127.0.0.1 --headless');
  expect(args).toContain('--sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=full');
  expect(args).toContain('system.enableActivityEagerExecution=true');
});

describe('a Temporal server elsewhere', () => {
  test('an address in the environment decides', () => {
    expect(remoteTemporal({ TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_NAMESPACE: 'ops' })).toMatchObject({
      connectionOptions: { address: 'temporal.example:7233' },
      namespace: 'ops',
    });
  });

  test('a profile counts when it is asked for', () => {
    const file = join(home, 'temporal.toml');
    writeFileSync(file, '[profile.prod]\naddress = "prod.example:7233"\nnamespace = "ops"\n');

    expect(remoteTemporal({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' })).toMatchObject({
      connectionOptions: { address: 'prod.example:7233' },
      namespace: 'ops',
    });
    expect(remoteTemporal({ HOME: home })).toBeNull();
  });
});
