import { append } from "./append.ts";

/**
 * Things by the host names that they are for, each by its number: those that may be for one host are found without a look
 * at the others, however many there are. Names are compared as they are given.
 */
export class HostIndex {
  readonly #byName = new Map<string, number[]>();
  readonly #byEnding = new Map<string, number[]>();
  readonly #forAll: number[] = [];

  /** It is for one name. */
  addName(name: string, at: number): void {
    append(this.#byName, name, at);
  }

  /** It is for every name that ends with `.example.org`, however many labels stand before. */
  addEnding(ending: string, at: number): void {
    append(this.#byEnding, ending, at);
  }

  /** It may be for any name. */
  addToAll(at: number): void {
    this.#forAll.push(at);
  }

  /** The numbers of what may be for a host, each once and in their order. */
  for(host: string): readonly number[] {
    const found = new Set([...this.#forAll, ...(this.#byName.get(host) ?? [])]);
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1))
      for (const at of this.#byEnding.get(host.slice(dot)) ?? []) found.add(at);
    return [...found].sort((a, b) => a - b);
  }
}
