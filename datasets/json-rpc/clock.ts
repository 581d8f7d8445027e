/** Time, as far as talking to a node needs it; tests bring their own. */
export interface Clock {
  nowMs(): number;
  /** Resolves after a time, or at once when the signal is or gets aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back after a time, unless what it answers is called before. */
  after(durationMs: number, callback: () => void): () => void;
}

export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, durationMs);
        signal?.addEventListener('abort', wake);
      }),
    after: (durationMs, callback) => {
      const timer = setTimeout(callback, durationMs);
      return () => clearTimeout(timer);
    },
  };
}
