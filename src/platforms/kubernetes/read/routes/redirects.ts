import { defaulted, knownValue } from "../../../../facts/fact.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import { append } from "../../../../lib/append.ts";
import type { KubernetesObject } from "../../objects.ts";
import { itemsIn, textsIn, whyIncomplete, whyTextsIncomplete } from "../context.ts";
import type { Attached, Gateway } from "./gateways.ts";

/** A route that does nothing but send plain HTTP on to HTTPS. */
export interface Redirect {
  readonly object: KubernetesObject;
  readonly spec: Fields;
  readonly attached: readonly Attached[];
}

/** Stands for a redirect without `hostnames`, which is for every host. */
const everyHost = "*";

/** The redirects of a cluster by gateway and host: where every app brings its own, each route asks for a few of them. */
export class Redirects {
  readonly #byGateway = new Map<Gateway, Map<string, Redirect[]>>();

  constructor(redirects: readonly Redirect[]) {
    for (const redirect of redirects) {
      if (!itemsIn(redirect.spec, "rules").some(isForEveryPath)) continue;
      const certain = redirect.attached.filter(({ doubt }) => doubt === undefined);
      for (const gateway of new Set(certain.map((each) => each.gateway))) this.#add(gateway, redirect);
    }
  }

  #add(gateway: Gateway, redirect: Redirect): void {
    const hosts = this.#byGateway.get(gateway) ?? new Map<string, Redirect[]>();
    this.#byGateway.set(gateway, hosts);
    for (const host of new Set(hostsOf(redirect))) append(hosts, host, redirect);
  }

  /** One that is for all paths of all hosts that a route names, on a gateway. */
  ofAll(gateway: Gateway, route: Fields): Redirect | undefined {
    const hosts = this.#byGateway.get(gateway);
    if (hosts === undefined) return undefined;
    const [first, ...others] = textsIn(route, "hostnames");
    if (first === undefined || whyTextsIncomplete(route, "hostnames") !== undefined) return hosts.get(everyHost)?.[0];
    const candidates = [first, ...wildcardsFor(first), everyHost].flatMap((host) => hosts.get(host) ?? []);
    return candidates.find((redirect) => others.every((host) => isFor(redirect, host)));
  }
}

function hostsOf({ spec }: Redirect): readonly string[] {
  if (spec.node("hostnames") !== undefined) return textsIn(spec, "hostnames");
  return spec.hidden === undefined ? [everyHost] : [];
}

function isFor(redirect: Redirect, host: string): boolean {
  const hosts = hostsOf(redirect);
  return hosts.includes(everyHost) || [host, ...wildcardsFor(host)].some((each) => hosts.includes(each));
}

/** `*.b.c` and `*.c` for `a.b.c`: a wildcard of the Gateway API stands for any number of labels. */
function wildcardsFor(host: string): readonly string[] {
  const labels = host.split(".");
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join(".")}`);
}

/** A rule without matches, or with one for all that begins with `/` and nothing more. */
function isForEveryPath(rule: Fields): boolean {
  const matches = itemsIn(rule, "matches");
  if (matches.length === 0) return whyIncomplete(rule, "matches") === undefined;
  return matches.some((match) => {
    const path = match.fields("path");
    const type = path.fact("type", asText, "a text", (at) => defaulted("PathPrefix", "platform", at));
    const value = path.fact("value", asText, "a text", (at) => defaulted("/", "platform", at));
    const isAlone = match.hidden === undefined && match.entries.every(({ key }) => key === "path");
    return isAlone && knownValue(type) === "PathPrefix" && knownValue(value) === "/";
  });
}
