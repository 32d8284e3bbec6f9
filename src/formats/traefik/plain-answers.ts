import { type Fact, knownValue, stated, unknown } from "../../facts/fact.ts";
import { append } from "../../lib/append.ts";
import { tlsSource } from "./encryption.ts";
import { redirectOf } from "./middlewares.ts";
import { option } from "./options.ts";
import type { Defined } from "./registry.ts";
import { ruleOf } from "./router-rule.ts";
import type { Served, ServedRouter } from "./served-router.ts";
import type { EntryPoint } from "./static.ts";

export interface PlainAnswer {
  readonly router: Defined;
  readonly served: Served;
  /** Whether it does nothing but send on to HTTPS. */
  readonly redirects: Fact<boolean>;
}

/** The routers that answer plain HTTP, or may, by host; and the hosts that routers encrypt. */
export class PlainAnswers {
  readonly #byHost = new Map<string, PlainAnswer[]>();
  readonly #encrypted = new Set<string>();

  constructor(routers: readonly ServedRouter[]) {
    for (const { router, served, chain } of routers) {
      // A host that is not known may be any.
      const hosts = ruleOf(router).ways.map(({ host }) => knownValue(host) ?? "*");
      const source = tlsSource(router, served);
      if (source !== "off" && "node" in source) for (const host of hosts) this.#encrypted.add(host);
      if (source !== "off" && !("why" in served && option(router.node, "tls") === undefined)) continue;
      const otherwise =
        chain.doubt === undefined ? stated(false, router.place) : unknown<boolean>(chain.doubt, router.place);
      const answer = { router, served, redirects: redirectOf(chain) ?? otherwise };
      for (const host of hosts) append(this.#byHost, host, answer);
    }
  }

  /** Those for a host on one of some entry points, in no order that matters. */
  to(host: string | undefined, on: readonly EntryPoint[]): readonly PlainAnswer[] {
    return this.#for(host).filter(({ served }) => !("why" in served) && served.some((each) => on.includes(each)));
  }

  /** Those for a host where the entry points are not seen, and a router without TLS is taken to be on a plain one. */
  supposed(host: string | undefined): readonly PlainAnswer[] {
    return this.#for(host).filter(({ served }) => "why" in served);
  }

  isEncrypted(host: string | undefined): boolean {
    return this.#encrypted.has(host ?? "*");
  }

  #for(host: string | undefined): readonly PlainAnswer[] {
    const own = host === undefined || host === "*" ? [] : (this.#byHost.get(host) ?? []);
    return [...own, ...(this.#byHost.get("*") ?? [])];
  }
}
