/** The lines of a stream of bytes, as text in which every byte is one character. A last one without an end counts too. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = "";
  for await (const part of stream) {
    const lines = (rest + part.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Reads a stream by lines and by counted bytes in turn. */
export class ByteReader {
  readonly #parts: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#parts = stream[Symbol.asyncIterator]();
  }

  /** Undefined at the end. */
  async line(): Promise<string | undefined> {
    for (let at = this.#held.indexOf(10); ; at = this.#held.indexOf(10)) {
      if (at !== -1) return this.#take(at + 1).toString("latin1", 0, at);
      if (!(await this.#more())) return undefined;
    }
  }

  /** Undefined where the stream ends before. */
  async bytes(count: number): Promise<Buffer | undefined> {
    const parts = [this.#held];
    let length = this.#held.length;
    while (length < count) {
      const next = await this.#parts.next();
      if (next.done === true) return undefined;
      parts.push(next.value);
      length += next.value.length;
    }
    this.#held = parts.length === 1 ? this.#held : Buffer.concat(parts);
    return this.#take(count);
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const next = await this.#parts.next();
    if (next.done === true) return false;
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    return true;
  }
}
