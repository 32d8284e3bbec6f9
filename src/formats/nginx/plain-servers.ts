import { knownValue } from "../../facts/fact.ts";
import { append } from "../../lib/append.ts";
import type { NginxServer } from "./server.ts";

/** The servers that answer plain HTTP, by the names that they answer to: each of a thousand others asks for its own. */
class PlainServers {
  readonly #all: readonly NginxServer[];
  readonly #byName = new Map<string, number[]>();
  /** Of `*.example.org` what stands behind the `*`. */
  readonly #byEnding = new Map<string, number[]>();
  /** Who takes what no other one does. */
  readonly #rest: readonly NginxServer[];

  constructor(servers: readonly NginxServer[]) {
    this.#all = servers.filter(({ listens }) => listens.some(({ tls, port }) => !tls && port !== undefined));
    for (const [at, { names }] of this.#all.entries()) {
      for (const fact of names) {
        const name = knownValue(fact);
        if (name === undefined) continue;
        append(this.#byName, name, at);
        if (name.startsWith("*.")) append(this.#byEnding, name.slice(1), at);
      }
    }
    const first = this.#all.find(isDefault) ?? this.#all[0];
    this.#rest = first === undefined ? [] : [first];
  }

  /** Those of which a name is the one asked for, or stands for it with a `*`; else the one that takes all others. */
  takersOf(host: string): readonly NginxServer[] {
    const found = new Set(this.#byName.get(host));
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1))
      for (const at of this.#byEnding.get(host.slice(dot)) ?? []) found.add(at);
    if (found.size === 0) return this.#rest;
    return [...found].sort((a, b) => a - b).flatMap((at) => this.#all[at] ?? []);
  }
}

function isDefault({ listens }: NginxServer): boolean {
  return listens.some(({ tls, isDefault: marked }) => !tls && marked);
}

const made = new WeakMap<readonly NginxServer[], PlainServers>();

/** Made once for a list of servers that no longer changes. */
export function plainServersOf(servers: readonly NginxServer[]): PlainServers {
  const known = made.get(servers) ?? new PlainServers(servers);
  made.set(servers, known);
  return known;
}
