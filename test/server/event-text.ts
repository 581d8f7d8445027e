/** Server-sent events as they come. */
export class EventText {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(response: Response) {
    const body = response.body as unknown as AsyncIterable<Uint8Array>;
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** Reads on until the text holds what is wanted; false where it ends before. */
  async until(wanted: string): Promise<boolean> {
    while (!this.#text.includes(wanted)) {
      const chunk = await this.#chunks.next();
      if (chunk.done === true) return false;
      this.#text += this.#decoder.decode(chunk.value, { stream: true });
    }
    return true;
  }
}
