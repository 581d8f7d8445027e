/** One for all pictures; a text of lines beside the pointer, inside the window. */
export class Tooltip {
  readonly #box: HTMLElement;

  constructor(box: HTMLElement) {
    this.#box = box;
  }

  show(text: string, clientX: number, clientY: number): void {
    this.#box.textContent = text;
    this.#box.hidden = false;
    const { width, height } = this.#box.getBoundingClientRect();
    const left = Math.min(clientX + 14, window.innerWidth - width - 8);
    const below = clientY + 14;
    this.#box.style.left = `${Math.max(8, left)}px`;
    this.#box.style.top = `${below + height > window.innerHeight - 8 ? Math.max(8, clientY - height - 10) : below}px`;
  }

  hide(): void {
    this.#box.hidden = true;
  }
}
