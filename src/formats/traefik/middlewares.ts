import {
  complete,
  defaulted,
  type Fact,
  incomplete,
  knownValue,
  mapFact,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { Audience, RateLimit, ResponseHeader, Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import type { TreeNode } from "../tree.ts";
import { entriesOf, type Listed, listOf, option, textFact } from "./options.ts";
import type { Provider, Registry } from "./registry.ts";

/** One middleware of a router, chains taken apart. */
export interface Middleware {
  /** `ipallowlist`, `forwardauth`, … in lower case. */
  readonly kind: string;
  readonly node: TreeNode;
  readonly place: Place;
}

/** All that a router's requests pass, in order, and why there may be more. */
export interface Chain {
  readonly middlewares: readonly Middleware[];
  readonly doubt: string | undefined;
}

const maxDepth = 10;
const most = 500;

/** The middlewares of some names; one that is defined elsewhere, or a plugin, leaves in doubt whatever it could do. */
export function chainOf(named: Listed, from: Provider, registry: Registry, layer: "http" | "tcp" = "http"): Chain {
  const middlewares: Middleware[] = [];
  let doubt = named.why;
  let steps = 0;
  const add = (names: Listed, provider: Provider, depth: number): void => {
    doubt ??= names.why;
    for (const { text } of names.items) {
      steps += 1;
      if (steps > most) doubt ??= "it passes too many middlewares to follow them all";
      if (steps > most) return;
      const found = registry.find(layer, "middlewares", text, provider);
      if ("why" in found) doubt ??= found.why;
      else
        for (const { key, keyPlace, value } of entriesOf(found.node))
          include(key.toLowerCase(), value, keyPlace, found.provider, depth);
    }
  };
  const include = (kind: string, node: TreeNode, place: Place, provider: Provider, depth: number): void => {
    if (kind === "plugin") doubt ??= "a plugin decides";
    if (kind !== "chain") middlewares.push({ kind, node, place });
    else if (depth < maxDepth) add(listOf(option(node, "middlewares")), provider, depth + 1);
    else doubt ??= "chains of middlewares lead into one another";
  };
  add(named, from, 0);
  return { middlewares, doubt };
}

/** Two chains, one after the other. */
export function joined(first: Chain, second: Chain): Chain {
  return { middlewares: [...first.middlewares, ...second.middlewares], doubt: first.doubt ?? second.doubt };
}

function firstOf({ middlewares }: Chain, ...kinds: readonly string[]): Middleware | undefined {
  return middlewares.find(({ kind }) => kinds.includes(kind));
}

export function audienceOf(chain: Chain, place: Place): Route["audience"] {
  const list = firstOf(chain, "ipallowlist", "ipwhitelist");
  if (list !== undefined) return allowed(list);
  return chain.doubt === undefined ? defaulted({ kind: "public" }, "platform", place) : unknown(chain.doubt, place);
}

function allowed({ node, place }: Middleware): Fact<Audience> {
  const source = option(node, "sourceRange");
  const { items, why } = listOf(source);
  if (why !== undefined) return unknown(why, source?.place ?? place);
  if (items.length === 0) return unknown("the allow-list names no range", source?.place ?? place);
  return stated({ kind: "networks", cidrs: items.map(({ text }) => text) }, source?.place ?? place);
}

export function authenticationOf(chain: Chain, place: Place): Route["authentication"] {
  const login = firstOf(chain, "basicauth", "digestauth");
  if (login !== undefined) return stated("single-factor", login.place);
  const forwarded = firstOf(chain, "forwardauth");
  if (forwarded !== undefined) return unknown("another service decides who comes in (`forwardauth`)", forwarded.place);
  return chain.doubt === undefined ? unstated(place) : unknown(chain.doubt, place);
}

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 0.001, s: 1, m: 60, h: 3600 };

export function rateLimitOf(chain: Chain, place: Place): Fact<RateLimit | "none"> {
  const limit = firstOf(chain, "ratelimit");
  if (limit === undefined) return chain.doubt === undefined ? unstated(place) : unknown(chain.doubt, place);
  const average = textFact(option(limit.node, "average"), limit.place);
  const period = textFact(option(limit.node, "period"), limit.place);
  if (average.kind === "unknown") return average;
  if (period.kind === "unknown") return period;
  const requests = knownValue(average);
  if (requests === undefined || !/^\d{1,12}$/.test(requests))
    return unknown("the rate limit has no average", limit.place);
  if (Number(requests) === 0) return stated("none", average.place);
  const windowSeconds = secondsOf(knownValue(period) ?? "1s");
  if (windowSeconds === undefined) return unknown("the rate limit's period is no duration", period.place);
  return stated({ requests: Number(requests), windowSeconds }, limit.place);
}

/** Go's durations, and a number alone, which Traefik takes for seconds. */
function secondsOf(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)?$/.exec(text.trim());
  return match === null ? undefined : Number(match[1]) * (units[match[2] ?? "s"] ?? 1);
}

/** Whether a middleware sends on to another scheme; undefined where none does. */
export function redirectOf(chain: Chain): Fact<boolean> | undefined {
  const redirect = firstOf(chain, "redirectscheme");
  if (redirect !== undefined) {
    return mapFact(
      textFact(option(redirect.node, "scheme"), redirect.place),
      (scheme) => scheme.toLowerCase() === "https",
    );
  }
  const pattern = firstOf(chain, "redirectregex");
  const to =
    pattern === undefined ? undefined : knownValue(textFact(option(pattern.node, "replacement"), pattern.place));
  const from = pattern === undefined ? undefined : knownValue(textFact(option(pattern.node, "regex"), pattern.place));
  return pattern !== undefined &&
    to?.startsWith("https://") === true &&
    /^\^?https?\??:/.test(from ?? "") &&
    from?.startsWith("^https:") !== true
    ? stated(true, pattern.place)
    : undefined;
}

/** Options of the headers middleware that stand for a header of their own. */
const headerOptions: Readonly<Record<string, (value: string) => readonly [string, string] | undefined>> = {
  framedeny: (value) => (value === "true" ? ["x-frame-options", "DENY"] : undefined),
  customframeoptionsvalue: (value) => ["x-frame-options", value],
  contenttypenosniff: (value) => (value === "true" ? ["x-content-type-options", "nosniff"] : undefined),
  referrerpolicy: (value) => ["referrer-policy", value],
  permissionspolicy: (value) => ["permissions-policy", value],
  contentsecuritypolicy: (value) => ["content-security-policy", value],
};

export function headersOf(chain: Chain, place: Place): Route["headers"] {
  const headers = new Map<string, ResponseHeader>();
  let why = chain.doubt;
  for (const { kind, node } of chain.middlewares) {
    if (kind !== "headers") continue;
    for (const { key, keyPlace, value } of entriesOf(node)) {
      const name = key.toLowerCase();
      if (name === "customresponseheaders") {
        for (const custom of entriesOf(value)) {
          const fact = textFact(custom.value, custom.keyPlace);
          if (fact.kind === "unknown") why ??= fact.why;
          else if (custom.key !== "") add(headers, custom.key, knownValue(fact) ?? "", custom.keyPlace);
        }
        continue;
      }
      const make = headerOptions[name];
      if (make === undefined) continue;
      const fact = textFact(value, keyPlace);
      if (fact.kind === "unknown") why ??= fact.why;
      const made = make(knownValue(fact) ?? "");
      if (made !== undefined && knownValue(fact) !== undefined) add(headers, made[0], made[1], keyPlace);
    }
    const transport = strictTransport(node);
    if (transport === "unknown") why ??= "the length of Strict-Transport-Security cannot be told";
    else if (transport !== undefined) headers.set(transport.name, transport);
  }
  const items = [...headers.values()];
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

/** An empty value takes the header away. */
function add(headers: Map<string, ResponseHeader>, name: string, value: string, place: Place): void {
  const header = name.toLowerCase();
  headers.set(header, { name: header, value: value === "" ? null : value, place });
}

function strictTransport(node: TreeNode): ResponseHeader | "unknown" | undefined {
  const written = option(node, "stsSeconds");
  if (written === undefined) return undefined;
  const fact = textFact(written, written.place);
  if (fact.kind === "unknown") return "unknown";
  const seconds = knownValue(fact) ?? "";
  if (!/^[1-9]\d{0,11}$/.test(seconds)) return undefined;
  const parts = [`max-age=${seconds}`];
  const on = (name: string) => knownValue(textFact(option(node, name), written.place)) === "true";
  if (on("stsIncludeSubdomains")) parts.push("includeSubDomains");
  if (on("stsPreload")) parts.push("preload");
  return { name: "strict-transport-security", value: parts.join("; "), place: written.place };
}
