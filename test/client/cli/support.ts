import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export { bin, tocsin, tocsinOnTerminal, type Ran, type RunOptions } from '../../support/tocsin.ts';

export interface TestSite {
  readonly folder: string;
  readonly close: () => void;
}

/** A site that points at `url`; files are added to its folder. */
export function testSite(url: string, files: Record<string, string> = {}): TestSite {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
  const all = { 'site.yaml': siteYaml(url), 'hosts.yaml': 'hosts: {}\n', 'people.yaml': 'people: {}\n', ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) };
}

function siteYaml(url: string): string {
  return `name: test\nurl: ${url}\noperator_token: { from: env, key: TEST_TOKEN }\n`;
}
