/** Whether a signal fired because the time was up, and not on request. */
export function timeUp(signal: AbortSignal): boolean {
  return signal.aborted && (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError';
}
