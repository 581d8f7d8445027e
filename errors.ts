/** Public errors: a stable code, a message for people, an exit code for the CLI. Everything else is a bug. */

export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'INVALID_INPUT'
  | 'SOURCE_NOT_FOUND'
  | 'UNSUPPORTED'
  | 'NODE_UNAVAILABLE'
  | 'STORE_UNAVAILABLE'
  | 'STORE_BUSY'
  | 'STORE_FAILED'
  | 'EXECUTION_FAILED'
  | 'VERIFICATION_FAILED';

const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 2,
  INVALID_INPUT: 2,
  SOURCE_NOT_FOUND: 2,
  UNSUPPORTED: 2,
  NODE_UNAVAILABLE: 2,
  STORE_UNAVAILABLE: 2,
  STORE_BUSY: 2,
  STORE_FAILED: 1,
  EXECUTION_FAILED: 1,
  VERIFICATION_FAILED: 1,
};

export class LanecastError extends Error {
  override readonly name: string = 'LanecastError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** Where in an input a bad value stands. */
export interface InputLocation {
  /** File path or other origin. */
  readonly origin: string;
  readonly blockNumber?: number | undefined;
  readonly transactionIndex?: number | undefined;
  /** Dotted path of the field, e.g. `block.transactions.3.gas`. */
  readonly field?: string | undefined;
}

/** Bad data in a source. The message names file, block, transaction and field as far as they are known. */
export class InputError extends LanecastError {
  override readonly name = 'InputError';
  readonly location: InputLocation;

  constructor(location: InputLocation, problem: string, options?: ErrorOptions) {
    super('INVALID_INPUT', `${describeLocation(location)}: ${problem}`, options);
    this.location = location;
  }
}

function describeLocation(location: InputLocation): string {
  const parts = [location.origin];
  if (location.blockNumber !== undefined) parts.push(`block ${location.blockNumber}`);
  if (location.transactionIndex !== undefined) parts.push(`transaction ${location.transactionIndex}`);
  if (location.field !== undefined) parts.push(`field ${location.field}`);
  return parts.join(', ');
}
