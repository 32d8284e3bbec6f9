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
import type { AskedAddress, AskedService, SignIn } from "../../facts/sign-in.ts";
import type { Audience, RateLimit, ResponseHeader, Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { askedAddress, delegated } from "../proxy/delegation.ts";
import type { TreeNode } from "../tree.ts";
import { entriesOf, type Listed, listOf, option, textFact } from "./options.ts";
import type { Provider, Registry } from "./registry.ts";

/** One middleware of a router, chains taken apart. */
export interface Middleware {
  /** `ipallowlist`, `forwardauth`, … in lower case. */
  readonly kind: string;
  readonly node: TreeNode;
  readonly place: Place;
  /** Why it may do anything at all, as a clause: a plugin, or one that is defined elsewhere. */
  readonly unseen?: string;
}

/**
 * All that a router's requests pass, from the outside to the inside, and why something in it is not seen.
 *
 * A request gets to the service only if each of them lets it through, and an answer gets out only through each of them.
 * So what one demands (a sign-in, an address, a rate) holds whatever the others do: what is not seen may demand more and
 * never less, and leaves in doubt only what no other states. With headers of answers the outer has the last word: one
 * that is not seen leaves in doubt what stands further inside, and cannot touch what a middleware before it sets.
 * Source: Traefik 3.7, `pkg/server/middleware` (a chain of handlers) and `pkg/middlewares/headers` (`responseModifier`
 * changes an answer as it goes out).
 */
export interface Chain {
  readonly middlewares: readonly Middleware[];
  /** The first of these reasons. */
  readonly doubt: string | undefined;
}

const maxDepth = 10;
const most = 500;

/** The middlewares of some names, in their order. */
export function chainOf(named: Listed, from: Provider, registry: Registry, layer: "http" | "tcp" = "http"): Chain {
  const middlewares: Middleware[] = [];
  let steps = 0;
  const hide = (unseen: string, place: Place): void => {
    middlewares.push({ kind: "", node: { kind: "mapping", entries: new Map(), place }, place, unseen });
  };
  const add = (names: Listed, provider: Provider, depth: number, place: Place): void => {
    if (names.why !== undefined) hide(names.why, names.items[0]?.place ?? place);
    for (const { text, place: at } of names.items) {
      steps += 1;
      if (steps === most + 1) hide("it passes too many middlewares to follow them all", at);
      if (steps > most) return;
      const found = registry.find(layer, "middlewares", text, provider);
      if ("why" in found) hide(found.why, at);
      else
        for (const { key, keyPlace, value } of entriesOf(found.node))
          include(key.toLowerCase(), value, keyPlace, found.provider, depth);
    }
  };
  const include = (kind: string, node: TreeNode, place: Place, provider: Provider, depth: number): void => {
    if (kind === "plugin") middlewares.push(pluginIn(node, place));
    else if (kind !== "chain") middlewares.push({ kind, node, place });
    else if (depth < maxDepth) add(listOf(option(node, "middlewares")), provider, depth + 1, place);
    else hide("chains of middlewares lead into one another", place);
  };
  add(named, from, 0, { kind: "nowhere", why: "the router names no middleware" });
  return asChain(middlewares);
}

function asChain(middlewares: readonly Middleware[]): Chain {
  return { middlewares, doubt: middlewares.find(({ unseen }) => unseen !== undefined)?.unseen };
}

/** A chain of which nothing is seen. */
export function hiddenChain(why: string, place: Place): Chain {
  return asChain([{ kind: "", node: { kind: "mapping", entries: new Map(), place }, place, unseen: why }]);
}

/** Options that the CrowdSec bouncer alone has. Source: maxlerebourg/crowdsec-bouncer-traefik-plugin 1.4, README. */
const crowdsecOption = /^crowdsec(?:Lapi|Mode|Appsec|Capi)/i;

/**
 * A plugin does what it likes. The CrowdSec bouncer is known: it is an intrusion prevention system, which turns banned
 * addresses away, asks nobody for a name, and changes nothing of what it lets through.
 */
function pluginIn(node: TreeNode, place: Place): Middleware {
  const [own, ...others] = entriesOf(node);
  const isBouncer =
    own !== undefined && others.length === 0 && entriesOf(own.value).some(({ key }) => crowdsecOption.test(key));
  if (isBouncer) return { kind: "crowdsec", node: own.value, place };
  return { kind: "plugin", node, place, unseen: "a plugin decides" };
}

/** Two chains, the first around the second. */
export function joined(first: Chain, second: Chain): Chain {
  return asChain([...first.middlewares, ...second.middlewares]);
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

/** A sign-in of Traefik's own is known; what those demand that `forwardAuth` asks is looked up later. */
export function authenticationOf(chain: Chain, place: Place): Pick<Route, "authentication" | "delegation"> {
  const login = firstOf(chain, "basicauth", "digestauth");
  const asked = chain.middlewares.filter(({ kind }) => kind === "forwardauth").map(askedBy);
  const otherwise = chain.doubt === undefined ? unstated<SignIn>(place) : unknown<SignIn>(chain.doubt, place);
  return delegated(asked, login === undefined ? otherwise : stated("single-factor", login.place));
}

function askedBy({ node, place }: Middleware): AskedService {
  const written = textFact(option(node, "address"), place);
  const address =
    written.kind === "stated"
      ? askedAddress(written.value, written.place)
      : unknown<AskedAddress>(written.kind === "unknown" ? written.why : "it names nobody to ask", written.place);
  return { by: "forwardAuth", address, place };
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
const headerOptions: ReadonlyMap<string, (value: string) => readonly [string, string] | undefined> = new Map(
  Object.entries({
    framedeny: (value) => (value === "true" ? ["x-frame-options", "DENY"] : undefined),
    customframeoptionsvalue: (value) => ["x-frame-options", value],
    contenttypenosniff: (value) => (value === "true" ? ["x-content-type-options", "nosniff"] : undefined),
    referrerpolicy: (value) => ["referrer-policy", value],
    permissionspolicy: (value) => ["permissions-policy", value],
    contentsecuritypolicy: (value) => ["content-security-policy", value],
  }),
);

export function headersOf(chain: Chain, place: Place): Route["headers"] {
  let headers = new Map<string, ResponseHeader>();
  let why = chain.doubt;
  // An answer comes from the inside: what stands further out changes it later.
  for (const { kind, node, unseen } of chain.middlewares.toReversed()) {
    if (unseen !== undefined) headers = new Map();
    if (kind !== "headers") continue;
    const open = applyHeaders(node, headers);
    why ??= open;
  }
  const items = [...headers.values()];
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

/** Lays the headers of one middleware over those from further inside; gives why one of them cannot be told. */
function applyHeaders(node: TreeNode, headers: Map<string, ResponseHeader>): string | undefined {
  let why: string | undefined;
  for (const { key, keyPlace, value } of entriesOf(node)) {
    const name = key.toLowerCase();
    if (name === "customresponseheaders") {
      for (const custom of entriesOf(value)) {
        const fact = textFact(custom.value, custom.keyPlace);
        if (fact.kind === "unknown") {
          why ??= fact.why;
          headers.delete(custom.key.toLowerCase());
        } else if (custom.key !== "") add(headers, custom.key, knownValue(fact) ?? "", custom.keyPlace);
      }
      continue;
    }
    const make = headerOptions.get(name);
    if (make === undefined) continue;
    const fact = textFact(value, keyPlace);
    if (fact.kind === "unknown") why ??= fact.why;
    const made = make(knownValue(fact) ?? "");
    if (made !== undefined && knownValue(fact) !== undefined) add(headers, made[0], made[1], keyPlace);
  }
  const transport = strictTransport(node);
  if (transport === "unknown") why ??= "the length of Strict-Transport-Security cannot be told";
  else if (transport !== undefined) headers.set(transport.name, transport);
  return why;
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
