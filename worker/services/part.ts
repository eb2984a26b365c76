import type { ChildProcess } from 'node:child_process';
import type { PartName } from './place.ts';

/** A process of the platform: how to start it, when it counts as up, how to end it. */
export interface Part {
  readonly name: PartName;
  readonly port: number | null;
  /** Starts the process; its output goes to the descriptor `log`. Throws a `TocsinError` that cannot be retried when starting is hopeless. */
  readonly launch: (log: number) => Promise<ChildProcess>;
  /** Resolves once the part does its work. */
  readonly ready: (child: ChildProcess) => Promise<void>;
  readonly stop: { readonly signal: NodeJS.Signals; readonly grace_ms: number };
}

/** For a part that is a Node process: tells the supervisor, when there is one, that it does its work now. */
export function announceReady(): void {
  process.send?.({ tocsin: 'ready' });
}

/** The supervisor's side of {@link announceReady}. */
export function readyMessage(child: ChildProcess, timeout_ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(new Error(`it did not say that it is ready within ${timeout_ms / 1000} s`)), timeout_ms);
    const onMessage = (message: unknown) => {
      if ((message as { tocsin?: string } | null)?.tocsin === 'ready') end(null);
    };
    // The keeper knows of the end and says why; here only the clock is let go.
    const onExit = () => clearTimeout(timer);
    child.on('message', onMessage);
    child.once('exit', onExit);
    function end(error: Error | null): void {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      if (error) reject(error);
      else resolve();
    }
  });
}
