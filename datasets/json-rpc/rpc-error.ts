/** An error that a node answers to one request. What it means differs by node, so its text decides where its code can't. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly method: string;
  readonly rpcCode: number | null;
  /** As the node said it: what is hidden of it may be what decides. Not shown by anything that prints the error. */
  readonly #said: string;

  constructor(method: string, rpcCode: number | null, message: string) {
    super(message);
    this.method = method;
    this.rpcCode = rpcCode;
    this.#said = message;
  }

  /** The same error with another message: it means what it meant. */
  shownAs(message: string): RpcError {
    const shown = new RpcError(this.method, this.rpcCode, this.#said);
    shown.message = message;
    shown.stack = `${this.name}: ${message}`;
    return shown;
  }

  /** The node does not have the method, or not for us. */
  get isMethodMissing(): boolean {
    if (this.rpcCode === METHOD_NOT_FOUND || this.rpcCode === METHOD_NOT_SUPPORTED) return true;
    return METHOD_MISSING.test(this.#said);
  }

  /** The node threw the state away that tracing would need. */
  get isStateMissing(): boolean {
    return STATE_MISSING.test(this.#said);
  }

  /** The node does not know the block: not yet, or not any more. */
  get isBlockMissing(): boolean {
    return !this.isStateMissing && BLOCK_MISSING.test(this.#said);
  }

  /** The parameters have a form that the node does not know. */
  get isFormUnknown(): boolean {
    return this.rpcCode === INVALID_PARAMS || INVALID_FORM.test(this.#said);
  }

  /** The same request may succeed later. */
  get isTransient(): boolean {
    return this.rpcCode === LIMIT_EXCEEDED || this.rpcCode === TOO_MANY_REQUESTS || TRANSIENT.test(this.#said);
  }

  /** Less at once may succeed. */
  get isTooLarge(): boolean {
    return TOO_LARGE.test(this.#said);
  }
}

const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
/** EIP-1474. */
const METHOD_NOT_SUPPORTED = -32004;
/** EIP-1474. */
const LIMIT_EXCEEDED = -32005;
const TOO_MANY_REQUESTS = 429;

const METHOD_MISSING =
  /(?:method|namespace|module|api)\b.*\b(?:not found|does not exist|not exist|not available|unavailable|not supported|unsupported|not enabled|disabled|not allowed|not whitelisted)|(?:unknown|unsupported) method/i;
const STATE_MISSING =
  /missing trie node|historical state|state (?:is |was )?(?:not available|unavailable|not found|pruned|missing)|state at block\b.*\bpruned|no state available|pruned|pruning|world state unavailable|distance to target block exceeds/i;
const BLOCK_MISSING = /(?:block|header)\b.*\b(?:not found|unknown|missing)|unknown block|no block|cannot find .*block/i;
const INVALID_FORM = /invalid argument|invalid param|cannot unmarshal|invalid block number/i;
const TRANSIENT =
  /rate limit|too many requests|limit exceeded|timeout|timed out|try again|retry|busy|overloaded|temporar|capacity/i;
const TOO_LARGE = /too large|too big|batch size|response size|exceeds? (?:the )?(?:max|limit)/i;
