/** What the service says when it does not do what was asked. Stable: clients may rely on the codes. */
export const PROBLEMS = {
  malformed_json: [400, 'Bad Request'],
  invalid_request: [400, 'Bad Request'],
  unauthorized: [401, 'Unauthorized'],
  writes_disabled: [403, 'Forbidden'],
  not_found: [404, 'Not Found'],
  method_not_allowed: [405, 'Method Not Allowed'],
  request_timeout: [408, 'Request Timeout'],
  wrong_chain: [409, 'Conflict'],
  payload_too_large: [413, 'Payload Too Large'],
  unsupported_media_type: [415, 'Unsupported Media Type'],
  block_not_reproduced: [422, 'Unprocessable Content'],
  rate_limited: [429, 'Too Many Requests'],
  internal_error: [500, 'Internal Server Error'],
  not_ready: [503, 'Service Unavailable'],
  draining: [503, 'Service Unavailable'],
  overloaded: [503, 'Service Unavailable'],
  forecast_unavailable: [503, 'Service Unavailable'],
  reload_failed: [503, 'Service Unavailable'],
} as const satisfies Readonly<Record<string, readonly [statusCode: number, error: string]>>;
export type ProblemCode = keyof typeof PROBLEMS;

/** The body of every answer that is an error. */
export interface ProblemBody {
  readonly statusCode: number;
  readonly code: ProblemCode;
  /** The reason phrase of the status. */
  readonly error: string;
  /** What is wrong, naming the field where it is one, and what was expected. */
  readonly message: string;
}

/** An answer that is an error; travels between threads as its code and message. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get statusCode(): number {
    return PROBLEMS[this.code][0];
  }

  get body(): ProblemBody {
    const [statusCode, error] = PROBLEMS[this.code];
    return { statusCode, code: this.code, error, message: this.message };
  }
}

/** A field of a request that is wrong: `transactions.3.gas: expected …`. */
export function invalid(field: string, problem: string): Problem {
  return new Problem('invalid_request', field === '' ? problem : `${field}: ${problem}`);
}
