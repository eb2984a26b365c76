import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Document } from './document.ts';
import { limits } from './limits.ts';

type Message = { readonly ready: true } | { readonly id: number; readonly document: Document };

let child: Promise<ChildProcess> | null = null;
let queue: Promise<unknown> = Promise.resolve();
let count = 0;

/** Parses a text in the child, one at a time. A child that hangs or dies costs only its own text; the next one gets a new child. */
export function parseInChild(text: string, parse_ms: number = limits.parse_ms): Promise<Document> {
  const work = queue.then(() => ask(text, parse_ms));
  queue = work.catch(() => undefined);
  return work;
}

async function ask(text: string, parse_ms: number): Promise<Document> {
  child ??= start();
  let process: ChildProcess;
  try {
    process = await child;
  } catch (error) {
    child = null;
    throw error;
  }
  hold(process, true);
  const document = await exchange(process, text, parse_ms);
  hold(process, false);
  return document;
}

function exchange(process: ChildProcess, text: string, parse_ms: number): Promise<Document> {
  const id = ++count;
  return new Promise((resolve) => {
    const finish = (document: Document, dead: boolean) => {
      clearTimeout(timer);
      process.removeAllListeners();
      if (dead) child = null;
      resolve(document);
    };
    const timer = setTimeout(() => {
      process.kill('SIGKILL');
      finish(broken('E-YAML-TIME', `the text took longer than ${parse_ms / 1000} s to read`), true);
    }, parse_ms);
    process.on('message', (message: Message) => {
      if ('id' in message && message.id === id) finish(message.document, false);
    });
    process.on('error', () => finish(broken('E-YAML-CRASH', 'the parser failed on this text'), true));
    process.on('exit', () => finish(broken('E-YAML-CRASH', 'the parser died on this text'), true));
    process.send({ id, text }, (error) => {
      if (error !== null) finish(broken('E-YAML-CRASH', 'the parser died on this text'), true);
    });
  });
}

function broken(code: string, message: string): Document {
  return { value: null, places: {}, flaws: [{ line: 1, column: 1, code, message, hint: 'simplify it: fewer levels, fewer brackets' }] };
}

function start(): Promise<ChildProcess> {
  // The same extension as this file: `.ts` in development (Node strips the types), `.js` when built.
  const file = path.join(__dirname, `child${path.extname(__filename)}`);
  const process = fork(file, [], {
    execArgv: [`--max-old-space-size=${limits.memory_mb}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'json',
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      process.kill('SIGKILL');
      reject(new Error(`cannot start the YAML parser "${file}": ${why}`));
    };
    const timer = setTimeout(() => fail(`not ready within ${limits.start_ms} ms`), limits.start_ms);
    process.once('exit', (code) => fail(`it ended with code ${code}`));
    process.once('error', (error) => fail(error.message));
    process.once('message', () => {
      clearTimeout(timer);
      process.removeAllListeners();
      // An idle child that dies is noticed here; an idle child never keeps this process alive.
      process.once('exit', () => (child = null));
      hold(process, false);
      resolve(process);
    });
  });
}

function hold(process: ChildProcess, busy: boolean): void {
  process[busy ? 'ref' : 'unref']();
  const channel = process.channel as { ref: () => void; unref: () => void } | null | undefined;
  channel?.[busy ? 'ref' : 'unref']();
}
