import type { Address } from "../formats/config-format.ts";
import { append } from "../lib/append.ts";
import { leadsToItself } from "../lib/own-address.ts";
import { hostNames, type NameFinder } from "./name-finder.ts";

/**
 * Which of a proxy's routes, or of many proxies, ask for a name or for a port of the machine, so that a system is asked
 * about those alone that may lead to it. Keeps only at which place in their list each stands.
 */
export class AddressIndex {
  readonly #byHost = new Map<string, number[]>();
  /** Undefined where no address is the machine's own: of most files, and there are thousands. */
  #byPort: Map<number, number[]> | undefined;

  constructor(lists: readonly (readonly Address[])[]) {
    for (const [at, addresses] of lists.entries()) {
      for (const { host, port } of addresses) {
        append(this.#byHost, host.toLowerCase(), at);
        if (!leadsToItself(host) && !hostNames.test(host)) continue;
        this.#byPort ??= new Map();
        append(this.#byPort, port, at);
      }
    }
  }

  /** Where those stand that may lead to what a system answers to, each once and in order; some may lead elsewhere after all. */
  at(finder: NameFinder): readonly number[] {
    const found = new Set<number>();
    const take = (places: readonly number[] | undefined) => {
      for (const place of places ?? []) found.add(place);
    };
    for (const name of finder.names()) take(this.#byHost.get(name.toLowerCase()));
    if (this.#byPort !== undefined) for (const port of finder.hostPorts()) take(this.#byPort.get(port));
    return [...found].sort((a, b) => a - b);
  }
}
