import { resolve } from 'node:path';
import { z } from 'zod';
import type { Outcome } from '../../workflows/core/run.ts';
import type { Site } from '../../workflows/domain/site.ts';
import { done, failed, problemOf } from '../hand/outcome.ts';
import { hostNamed } from '../hand/place.ts';
import { TocsinError } from '../platform/errors.ts';
import { withSecrets } from '../platform/secrets.ts';
import { copyFile } from '../platform/ssh/transfer/copy.ts';
import type { Place } from '../platform/ssh/transfer/place.ts';
import type { StepKind, UnitContext } from './kind.ts';
import { text } from './written.ts';

const path = text.min(1).refine((value) => !value.endsWith('/'), 'must name the file, not its folder');

const shape = z.strictObject({
  from: path.describe('File: TARGET:/path on a host, or a path of the site folder'),
  to: path.describe('File: TARGET:/path on a host, or a path of the site folder'),
  mode: z
    .string()
    .regex(/^(0?[0-7]{3,4}|\$\{\{.*\}\})$/, 'must be octal, as in "0644"')
    .optional()
    .describe('Permissions; without it those of the source'),
});

/**
 * One file, whole or not at all: written beside its place, flushed, its SHA-256 taken again by the machine that holds it,
 * then renamed. Between two hosts it passes through the worker with bounded memory. Result: `{sha256, bytes}`.
 */
export const copy: StepKind = {
  id: 'copy',
  words: {
    en: { title: 'Copy', help: 'Copies one file to, from or between hosts; it appears whole, with its checksum proven' },
    zh: { title: '复制文件', help: '在本机与主机之间或主机之间复制文件；校验通过后一次性替换' },
  },
  shape,
  place: 'on',
  risk: () => 'change',
  idempotent: true,
  chunk: 20,
  run,
};

async function run({ deps, perform, unit, args, signal, beat }: UnitContext): Promise<Outcome> {
  const began = Date.now();
  const given = shape.parse(withSecrets(args, perform.secrets));
  const site = deps.site();
  try {
    const copied = await copyFile({
      pool: deps.ssh,
      from: placeAt(given.from, site),
      to: placeAt(given.to, site),
      mode: given.mode === undefined ? null : Number.parseInt(given.mode, 8),
      key: unit.key,
      signal,
      onBytes: (bytes) => beat({ bytes }),
    });
    return done({ ...copied }, { unit, began });
  } catch (error) {
    if (!(error instanceof TocsinError) && !signal.aborted) throw error;
    const problem = problemOf(error, 'unreachable');
    const late = signal.aborted && (signal.reason as { name?: string } | undefined)?.name === 'TimeoutError';
    return failed(late ? { ...problem, kind: 'timeout' } : problem, { unit, began, ran: 'no' });
  }
}

/** `db2:/etc/x` is a file of that host; anything else is on this machine, below the site folder unless absolute. */
function placeAt(written: string, site: Site): Place {
  const [, name, path] = /^([A-Za-z][\w.-]*):(\/.*)$/s.exec(written) ?? [];
  if (name === undefined || path === undefined) return { host: null, path: resolve(site.folder, written) };
  return { host: hostNamed(name, site), path };
}
