import type { Context } from "../command.ts";

/** Work shorter than this says nothing of itself. */
const quietMs = 400;
const everyMs = 120;

/** One line on stderr that says how far long work has come; nothing unless somebody looks at a terminal. */
export class Progress {
  readonly #context: Context;
  readonly #since: number;
  #last = Number.NEGATIVE_INFINITY;
  #shown = false;

  constructor(context: Context) {
    this.#context = context;
    this.#since = context.clock();
  }

  /** `text` is asked for only when it is shown. */
  update(text: () => string): void {
    const { stderr } = this.#context;
    if (!stderr.isTTY) return;
    const now = this.#context.clock();
    if (now - this.#since < quietMs || now - this.#last < everyMs) return;
    this.#last = now;
    this.#shown = true;
    stderr.write(`\r\u001b[K${text().slice(0, Math.max(10, (stderr.columns ?? 80) - 1))}`);
  }

  /** Takes the line away. */
  done(): void {
    if (this.#shown) this.#context.stderr.write("\r\u001b[K");
    this.#shown = false;
  }
}
