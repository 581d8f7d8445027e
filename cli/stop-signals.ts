/** A signal that SIGINT or SIGTERM aborts. The second one ends the process as it would without us. */
export interface StopSignals {
  readonly signal: AbortSignal;
  /** Gives the signals back. */
  release(): void;
}

const NAMES = ['SIGINT', 'SIGTERM'] as const;

export function stopOnSignals(): StopSignals {
  const stopping = new AbortController();
  const release = (): void => {
    for (const name of NAMES) process.off(name, stop);
  };
  const stop = (): void => {
    release();
    stopping.abort();
  };
  for (const name of NAMES) process.on(name, stop);
  return { signal: stopping.signal, release };
}
