import { inspect } from "node:util";

/**
 * A secret value. It prints as `‹secret name›` from `toString`, `toJSON` and `inspect`, cannot be concatenated into a
 * text by accident, and its value comes out of `expose` alone, which is called only where a secret is delivered.
 */
export class Secret {
  readonly name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  /** The value itself. Every call of this is a delivery; never for a message, a log, an argument or a rendered file. */
  expose(): string {
    return this.#value;
  }

  /** Whether a text holds the value; false for values under 4 characters, which would be found everywhere. */
  occursIn(text: string): boolean {
    return this.#value.length >= 4 && text.includes(this.#value);
  }

  toString(): string {
    return `‹secret ${this.name}›`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
