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
  /** Sender and argument addresses, each once. */
  readonly parties: Int32Array;
  readonly keys: Int32Array;
  readonly readEvidence: Float32Array;
  readonly writeEvidence: Float32Array;
}
