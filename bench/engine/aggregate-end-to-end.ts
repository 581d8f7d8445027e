import type { EndToEnd, EndToEndRow, EndToEndSample, ExecutionSample } from './document.js';
import { spreadOfTimes, sumOf } from './spread.js';

/** The steps of a block's way, and the whole of it without and with the recovery of senders. */
export function endToEndRows({ transactions, samples, recovery }: EndToEnd): EndToEndRow[] {
  const row = (name: string, timesNs: readonly number[]): EndToEndRow => {
    const totalNs = spreadOfTimes(timesNs);
    const nsPerTransaction = totalNs.median / Math.max(1, transactions);
    const transactionsPerSecond = nsPerTransaction > 0 ? 1e9 / nsPerTransaction : null;
    return { name, totalNs, nsPerTransaction, transactionsPerSecond };
  };
  const workers = samples[0]?.executions.map((execution) => execution.workers) ?? [];
  const recoveryNs = recovery.nsPerSignature.map((timeNs) => timeNs * transactions);
  const whole = (count: number): number[] => samples.map((sample) => wholeNs(sample, count));
  return [
    row('signature recovery', recoveryNs),
    row('loading state', timesOf(samples, 'stateNs')),
    row('decoding transactions', timesOf(samples, 'transactionsNs')),
    ...workers.map((count) => row(`execution, ${nameOf(count)}`, executionTimes(samples, count))),
    row('receipts root', straightTimes(samples, 'receiptsRootNs')),
    row('reading the result', straightTimes(samples, 'readNs')),
    ...workers.map((count) => row(`end to end, ${nameOf(count)}, senders known`, whole(count))),
    ...workers.map((count) => {
      const withRecovery = whole(count).map((timeNs, round) => timeNs + (recoveryNs[round] ?? 0));
      return row(`end to end, ${nameOf(count)}, senders recovered`, withRecovery);
    }),
  ];
}

function nameOf(workers: number): string {
  return workers === 1 ? 'straight' : `${workers} workers`;
}

function timesOf(samples: readonly EndToEndSample[], step: 'stateNs' | 'transactionsNs'): number[] {
  return samples.map((sample) => sample[step]);
}

function executionTimes(samples: readonly EndToEndSample[], workers: number): number[] {
  return samples.map((sample) => executionOf(sample, workers).wallNs);
}

function executionOf({ executions }: EndToEndSample, workers: number): ExecutionSample {
  const execution = executions.find((sample) => sample.workers === workers);
  if (execution === undefined) throw new RangeError(`There was no run on ${workers} workers.`);
  return execution;
}

function straightTimes(samples: readonly EndToEndSample[], step: 'receiptsRootNs' | 'readNs'): number[] {
  return samples.map((sample) => executionOf(sample, 1)[step]);
}

function wholeNs(sample: EndToEndSample, workers: number): number {
  const { wallNs, receiptsRootNs, readNs } = executionOf(sample, workers);
  return sumOf([sample.stateNs, sample.transactionsNs, wallNs, receiptsRootNs, readNs]);
}
