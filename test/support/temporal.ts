import { existsSync } from 'node:fs';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { freePorts } from '../../worker/services/ports.ts';
import { processId } from '../../worker/services/process.ts';
import { cachedBinary } from '../../worker/services/temporal/cache.ts';
import { raiseRetention, startEngine, waitForEngine } from '../../worker/services/temporal/engine.ts';
import { shared } from './registry.ts';
import type { Shared } from './registry.ts';
import { timeSkippingServer } from './time-skipping.ts';

export interface Engine {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Nothing to do: the engine is shared by the whole run. Use a task queue of your own. */
  readonly close: () => Promise<void>;
}

/** The one Temporal server of this jest run, with the flags of the product, in memory. */
export async function engine(): Promise<Engine> {
  return { address: await shared('engine', start), close: async () => undefined };
}

async function start(): Promise<Shared<string>> {
  const binary = cachedBinary();
  if (!existsSync(binary)) throw new Error(`no Temporal server at ${binary}: run "npm test" once, it obtains one`);
  const [port, http_port, metrics_port] = (await freePorts(3)) as [number, number, number];
  const child = startEngine({ binary, flags: { port, http_port, metrics_port, file: null } });
  child.unref();
  const address = `127.0.0.1:${port}`;
  await waitForEngine(address);
  await raiseRetention(address);
  return { id: processId(child.pid!)!, stop: 'SIGKILL', value: address };
}

/**
 * An environment whose clock jumps over every wait: 55 minutes pass in a second. Time is one for all in it,
 * so each test makes its own. Call `teardown()` when done.
 */
export async function timeSkipping(): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await timeSkippingServer() } },
  });
}
