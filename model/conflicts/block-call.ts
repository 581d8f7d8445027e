import type { DecodedCall } from '../calls/decode.js';

/** A transaction of a block with what is expected of it, for the pairs that it is in. */
export interface BlockCall {
  readonly call: DecodedCall;
  /** Number of (recipient, selector), and of (running code, selector). */
  readonly functionId: number;
  readonly codeFunctionId: number;
  /** Calls of the function in history. */
  readonly functionCalls: number;
  /** Plain transfers touch no slots: they are in no pair. */
  readonly runsCode: boolean;
  /** Argument addresses and sender, each once. */
  readonly parties: readonly number[];
  readonly keys: readonly number[];
  /** 32-bit floats. */
  readonly readEvidence: readonly number[];
  readonly writeEvidence: readonly number[];
}
