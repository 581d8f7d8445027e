import { RpcError } from './rpc-error.js';

/** JSON-RPC 2.0: https://www.jsonrpc.org/specification. */
export interface Request {
  readonly jsonrpc: '2.0';
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The answer to one request. */
export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: RpcError };

/** What came back for some requests, by what the caller does next. */
export type Answers =
  /** By position of the request. */
  | { readonly kind: 'matched'; readonly answers: readonly Answer[] }
  /** One error in place of all answers. */
  | { readonly kind: 'error'; readonly error: RpcError }
  /** No answers to these requests. */
  | { readonly kind: 'unmatched'; readonly problem: string };

/** Finds the answer to each request by its id: in a batch they may come in any order. */
export function matchAnswers(requests: readonly Request[], json: unknown): Answers {
  const [first] = requests;
  if (first === undefined) return { kind: 'matched', answers: [] };
  if (!Array.isArray(json)) return matchOne(requests, json);
  // Some nodes refuse a batch by a list of one error.
  const [only] = json as unknown[];
  if (json.length === 1 && requests.length > 1 && isObject(only)) {
    const answer = readAnswer(first, only);
    if (answer?.ok === false && !requests.some(({ id }) => id === only['id']))
      return { kind: 'error', error: answer.error };
  }
  const byId = new Map<unknown, Record<string, unknown>>();
  for (const element of json as unknown[]) {
    if (!isObject(element)) return unmatched('an answer that is no object');
    if (byId.has(element['id'])) return unmatched(`two answers of id ${describeId(element['id'])}`);
    byId.set(element['id'], element);
  }
  return inOrder(requests, byId);
}

function inOrder(requests: readonly Request[], byId: ReadonlyMap<unknown, Record<string, unknown>>): Answers {
  const answers: Answer[] = [];
  for (const request of requests) {
    const element = byId.get(request.id);
    if (element === undefined) return unmatched(`no answer of id ${request.id} among ${byId.size}`);
    const answer = readAnswer(request, element);
    if (answer === null) return unmatched(`neither result nor error for ${request.method}`);
    answers.push(answer);
  }
  return { kind: 'matched', answers };
}

function matchOne(requests: readonly Request[], json: unknown): Answers {
  const [request] = requests;
  if (request === undefined || !isObject(json)) return unmatched('an answer that is no object');
  const answer = readAnswer(request, json);
  if (answer === null) return unmatched('neither result nor error');
  if (requests.length > 1) {
    return answer.ok ? unmatched('one answer to a batch') : { kind: 'error', error: answer.error };
  }
  // A node that could not tell the id answers an error with null.
  const stated = json['id'];
  if (stated !== request.id && (answer.ok || (stated !== null && stated !== undefined))) {
    return unmatched(`an answer of id ${describeId(stated)} to request ${request.id}`);
  }
  return { kind: 'matched', answers: [answer] };
}

function readAnswer({ method }: Request, element: Record<string, unknown>): Answer | null {
  const error = element['error'];
  if (error !== undefined && error !== null) return { ok: false, error: readError(method, error) };
  return 'result' in element ? { ok: true, value: element['result'] } : null;
}

function readError(method: string, error: unknown): RpcError {
  if (!isObject(error)) return new RpcError(method, null, String(error));
  const { code, message } = error;
  const text = typeof message === 'string' ? message : JSON.stringify(error);
  return new RpcError(method, typeof code === 'number' ? code : null, text);
}

function unmatched(problem: string): Answers {
  return { kind: 'unmatched', problem };
}

function describeId(id: unknown): string {
  return id === undefined ? 'none' : JSON.stringify(id);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
