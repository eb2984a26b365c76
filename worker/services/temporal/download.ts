import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inspectBinary } from './binary.ts';
import type { Say } from './supply.ts';
import { pinned } from './version.ts';

/** The vendor's own place for releases of its command line. */
const archive = (platform: string, arch: string) =>
  `https://temporal.download/cli/archive/v${pinned.cli}?platform=${platform}&arch=${arch}`;

const platforms: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' };
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

export interface DownloadOptions {
  readonly target: string;
  readonly say: Say;
  /** Milliseconds until the first byte; a closed network must not cost more than that. */
  readonly connect_ms?: number;
  /** Milliseconds for the whole file. */
  readonly total_ms?: number;
}

/** Fetches the pinned release and moves it into place. Answers why not, or `null` when it worked. */
export async function downloadTemporal(options: DownloadOptions): Promise<string | null> {
  const platform = platforms[process.platform];
  const arch = architectures[process.arch];
  if (!platform || !arch) return `no release for ${process.platform}/${process.arch}`;
  await mkdir(dirname(options.target), { recursive: true });
  const work = mkdtempSync(join(dirname(options.target), '.download-'));
  try {
    const file = join(work, 'temporal.tar.gz');
    await fetchTo(archive(platform, arch), file, options);
    await unpack(file, work);
    const binary = await inspectBinary(join(work, 'temporal'));
    if (binary?.server !== pinned.server)
      return `the file that came is not server ${pinned.server} but ${binary?.server ?? 'something that does not run here'}`;
    renameSync(join(work, 'temporal'), options.target);
    return null;
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code;
    return cause ?? (error as Error).message;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function fetchTo(url: string, file: string, options: DownloadOptions): Promise<void> {
  const abort = new AbortController();
  const connect_ms = options.connect_ms ?? 6_000;
  let timer = setTimeout(() => abort.abort(new Error(`no answer within ${connect_ms / 1000} s`)), connect_ms);
  try {
    const answer = await fetch(url, { signal: abort.signal });
    clearTimeout(timer);
    if (!answer.ok || answer.body === null) throw new Error(`the answer was ${answer.status}`);
    timer = setTimeout(() => abort.abort(new Error('the download took too long')), options.total_ms ?? 300_000);
    const total = Number(answer.headers.get('content-length') ?? 0);
    await pipeline(Readable.fromWeb(answer.body as never), progress(total, options.say), createWriteStream(file), { signal: abort.signal });
  } finally {
    clearTimeout(timer);
  }
}

function progress(total: number, say: Say): Transform {
  let seen = 0;
  let next = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (Date.now() > next) {
        next = Date.now() + 2_000;
        say(`downloading Temporal ${pinned.cli}: ${(seen / 1e6).toFixed(0)}${total ? ` of ${(total / 1e6).toFixed(0)}` : ''} MB`);
      }
      done(null, chunk);
    },
  });
}

function unpack(file: string, directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('tar', ['-xzf', file, '-C', directory], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`the archive cannot be unpacked (tar ended with ${code})`))));
  });
}
