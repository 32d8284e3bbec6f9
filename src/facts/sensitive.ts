import { inspect } from "node:util";

/**
 * A text read from somebody's files that may be a secret (the value of an environment variable, an argument).
 * It prints as `‹value›` everywhere; controls ask it questions, and its text comes out of `reveal` alone.
 */
export class Sensitive {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get length(): number {
    return this.#text.length;
  }

  /** Whether the text matches; the pattern must not carry the `g` or `y` flag. */
  matches(pattern: RegExp): boolean {
    return pattern.test(this.#text);
  }

  equals(other: string): boolean {
    return this.#text === other;
  }

  /** The text itself. Only for judging it; never for a message, a log or a file. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "‹value›";
  }

  toJSON(): string {
    return "‹value›";
  }

  [inspect.custom](): string {
    return "‹value›";
  }
}
