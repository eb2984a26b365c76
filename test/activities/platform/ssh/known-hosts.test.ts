import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entriesFor, fingerprint, keyType, parseKnownHosts, parsePublicKey } from '../../../../activities/platform/ssh/known-hosts.ts';
import { pinnedFor } from '../../../../activities/platform/ssh/host-key.ts';
import type { Host } from '../../../../workflows/domain/site.ts';

const folder = mkdtempSync(join(tmpdir(), 'known-hosts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeKey(name: string, type: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(folder, name)]);
  return readFileSync(join(folder, `${name}.pub`), 'utf8')
    .trim()
    .split(' ')
    .slice(0, 2)
    .join(' ');
}

const one = makeKey('one', 'ed25519');
const two = makeKey('two', 'ecdsa');

function hostWith(known: string, more: Partial<Host> = {}): Host {
  const path = join(folder, `known-${Math.random()}`);
  writeFileSync(path, known);
  return {
    name: 'db1',
    address: '10.0.0.5',
    port: 22,
    user: 'root',
    key: null,
    host_keys: [],
    known_hosts: path,
    jump: [],
    production: false,
    sql: null,
    tags: [],
    vars: {},
    ...more,
  };
}

function key(text: string): Buffer {
  return parsePublicKey(text)!;
}

test('fingerprint is the one ssh-keygen prints', () => {
  const printed = execFileSync('ssh-keygen', ['-lf', join(folder, 'one.pub')], { encoding: 'utf8' }).split(' ')[1];

  expect(fingerprint(key(one))).toBe(printed);
  expect(keyType(key(two))).toBe('ecdsa-sha2-nistp256');
});

test('a hashed name that ssh-keygen wrote is found, another name is not', () => {
  const path = join(folder, 'hashed');
  writeFileSync(path, `db1 ${one}\n[db1]:2222 ${two}\n`);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
  const entries = parseKnownHosts(readFileSync(path, 'utf8'));

  expect(readFileSync(path, 'utf8')).toContain('|1|');
  expect(entriesFor(entries, ['db1'], 22).map((entry) => entry.type)).toEqual(['ssh-ed25519']);
  expect(entriesFor(entries, ['db1'], 2222).map((entry) => entry.type)).toEqual(['ecdsa-sha2-nistp256']);
  expect(entriesFor(entries, ['db2'], 22)).toEqual([]);
});

test.each([
  ['*.example.com', 'a.example.com', true],
  ['*.example.com,!bad.example.com', 'bad.example.com', false],
  ['!bad.example.com,*.example.com', 'good.example.com', true],
  ['db?', 'db1', true],
  ['db?', 'db10', false],
  ['10.0.0.*', '10.0.0.5', true],
  ['DB1', 'db1', true],
  ['db.1', 'dbx1', false],
])('pattern %s against %s: %s', (pattern, name, found) => {
  expect(entriesFor(parseKnownHosts(`${pattern} ${one}`), [name], 22).length > 0).toBe(found);
});

test('comments, empty lines, cut lines and foreign markers are left out', () => {
  const entries = parseKnownHosts(`# db1 ${one}\n\n db1 ssh-ed25519\ndb1 ssh-ed25519 AAAA\n@else db1 ${one}\ndb1 ${one} comment here\r\n`);

  expect(entries.map((entry) => entry.line)).toEqual([6]);
});

test('only the pinned types are asked for, and only the pinned key is taken', () => {
  const pinned = pinnedFor(hostWith(`db1 ${one}\n`));

  expect(pinned.types).toEqual(['ssh-ed25519']);
  expect(pinned.judge(key(one))).toBeNull();
  expect(pinned.judge(key(two))).toMatchObject({ code: 'E-SSH-HOSTKEY-CHANGED', retry: false });
});

test('an unknown key names its fingerprint and the command that pins it', () => {
  const refusal = pinnedFor(hostWith('')).judge(key(one));

  expect(refusal).toMatchObject({ code: 'E-SSH-HOSTKEY-UNKNOWN', retry: false });
  expect(refusal?.message).toContain(fingerprint(key(one)));
  expect(refusal?.hint).toContain('tocsin hosts pin db1');
});

test('a revoked key is refused even when it is pinned as well', () => {
  expect(pinnedFor(hostWith(`db1 ${one}\n@revoked * ${one}\n`)).judge(key(one))).toMatchObject({ code: 'E-SSH-HOSTKEY-REVOKED' });
});

test('a certificate authority alone is refused with the reason', () => {
  expect(pinnedFor(hostWith(`@cert-authority *,10.0.0.5 ${two}\n`)).judge(key(one))).toMatchObject({ code: 'E-SSH-HOSTKEY-CA' });
});

test('keys of the inventory win over known_hosts', () => {
  const pinned = pinnedFor(hostWith(`db1 ${one}\n`, { host_keys: [two] }));

  expect(pinned.judge(key(one))).toMatchObject({ code: 'E-SSH-HOSTKEY-CHANGED' });
  expect(pinned.judge(key(two))).toBeNull();
});

test('a host key that is no key is named', () => {
  expect(() => pinnedFor(hostWith('', { host_keys: ['ssh-ed25519 nonsense'] }))).toThrow(/"ssh-ed25519 nonsense" is not a public key/);
});
