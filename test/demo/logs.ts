import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The last words of each part, for somebody who asks why the story broke off. */
export function logTails(site: string): string[] {
  const folder = join(site, 'data', 'logs');
  try {
    return readdirSync(folder)
      .filter((name) => /^(worker|server|up)\.log$/.test(name))
      .flatMap((name) => [
        `-- ${name}`,
        ...readFileSync(join(folder, name), 'utf8')
          .trimEnd()
          .split('\n')
          .slice(-6)
          .map((line) => line.slice(0, 400)),
      ]);
  } catch {
    return [];
  }
}
