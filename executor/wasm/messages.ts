/** What the pool tells a worker thread, once per block: which worker of the run it is, from 0. */
export interface WorkerTask {
  readonly worker: number;
}

/** What it answers: how the run ended (OUTCOME_*, 0 where it was over before the thread came), and how long it took. */
export interface WorkerReport {
  readonly outcome: number;
  readonly busyNs: number;
}
