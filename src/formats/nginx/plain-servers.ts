import { knownValue } from "../../facts/fact.ts";
import { HostIndex } from "../../lib/host-index.ts";
import type { NginxServer } from "./server.ts";

/** The servers that answer plain HTTP, by the names that they answer to: each of a thousand others asks for its own. */
export class PlainServers {
  readonly #all: readonly NginxServer[];
  readonly #index = new HostIndex();
  /** Who takes what no other one does. */
  readonly #rest: readonly NginxServer[];

  constructor(servers: readonly NginxServer[]) {
    this.#all = servers.filter(({ listens }) => listens.some(({ tls, port }) => !tls && port !== undefined));
    for (const [at, { names }] of this.#all.entries()) {
      for (const fact of names) {
        const name = knownValue(fact);
        if (name === undefined) continue;
        this.#index.addName(name, at);
        if (name.startsWith("*.")) this.#index.addEnding(name.slice(1), at);
      }
    }
    const first = this.#all.find(isDefault) ?? this.#all[0];
    this.#rest = first === undefined ? [] : [first];
  }

  /** Those of which a name is the one asked for, or stands for it with a `*`; else the one that takes all others. */
  takersOf(host: string): readonly NginxServer[] {
    const found = this.#index.for(host);
    return found.length === 0 ? this.#rest : found.flatMap((at) => this.#all[at] ?? []);
  }
}

function isDefault({ listens }: NginxServer): boolean {
  return listens.some(({ tls, isDefault: marked }) => !tls && marked);
}
