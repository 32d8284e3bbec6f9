/** Whom nginx lets in, how often, and who they must show to be. */
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../facts/fact.ts";
import type { AskedAddress, AskedService, SignIn } from "../../facts/sign-in.ts";
import type { Audience, RateLimit, Route } from "../../facts/subjects.ts";
import { delegated } from "../proxy/delegation.ts";
import type { NginxDirective } from "./include.ts";
import { Level } from "./level.ts";
import type { NginxLocation } from "./location.ts";
import { addressOfPass } from "./upstream.ts";

/** `allow` and `deny`, the first that fits counts; `if ($remote_addr …)` cannot be told. */
export function audienceOf({ level, place }: NginxLocation): Fact<Audience> {
  const doubt = level.doubt("allow", "deny");
  if (doubt !== undefined && !isOutermost(level, doubt)) return unknown(doubt, place);
  const condition = refusingCondition(level);
  const rules = level.list("allow", "deny");
  const ranges: string[] = [];
  for (const { name, args, place: at } of rules) {
    const [range] = args;
    if (range?.unresolved !== undefined) return unknown(range.unresolved, range.place);
    if (name === "deny" && range?.text === "all") {
      if (isAny(level)) return unknown("an address or a sign-in is enough (`satisfy any`)", at);
      return stated({ kind: "networks", cidrs: ranges }, rules[0]?.place ?? at);
    }
    if (name === "allow" && range?.text === "all") break;
    if (name === "allow" && range !== undefined) ranges.push(range.text);
  }
  return condition ?? defaulted({ kind: "public" }, "platform", place);
}

function isAny(level: Level): boolean {
  return level.last("satisfy")?.args[0]?.text === "any";
}

/** What an unseen `nginx.conf` holds is seldom who may come in; that of a site's own includes may be. */
function isOutermost(level: Level, doubt: string): boolean {
  for (const each of level.chain()) if (each.unseen === doubt) return each.outer === undefined;
  return false;
}

/** An `if` that refuses by the client's address, or by a variable that `geo` or `map` made of it. */
function refusingCondition(level: Level): Fact<Audience> | undefined {
  const made = new Set<string>();
  for (const each of level.chain()) {
    for (const directive of [...each.own("geo"), ...each.own("map")]) {
      const [first, second] = directive.args;
      const source = directive.name === "geo" && second === undefined ? "$remote_addr" : first?.text;
      if (source !== undefined && /addr|forwarded|country/i.test(source)) made.add((second ?? first)?.text ?? "");
    }
  }
  for (const each of level.chain()) {
    for (const condition of each.own("if")) {
      const text = condition.args.map((word) => word.text).join(" ");
      const refuses =
        condition.block?.some(({ name, args }) => name === "return" && /^4/.test(args[0]?.text ?? "")) === true;
      const byAddress =
        /\$(?:binary_)?remote_addr|\$http_x_forwarded_for|\$geoip/i.test(text) ||
        [...made].some((name) => text.includes(name));
      if (refuses && byAddress) return unknown("a condition decides which addresses are let in", condition.place);
    }
  }
  return undefined;
}

/**
 * A sign-in of nginx's own is known; what the service behind `auth_request` demands is looked up later. A script's or a
 * module's answer is not told here.
 */
export function authenticationOf(location: NginxLocation): Pick<Route, "authentication" | "delegation"> {
  const { level } = location;
  const asked = level.last("auth_request");
  const besides = ownSignIn(location);
  if (asked === undefined || asked.args[0]?.text === "off") return { authentication: besides };
  if (isAny(level) && level.list("allow", "deny").length > 0)
    return { authentication: unknown("an address or a sign-in is enough (`satisfy any`)", asked.place) };
  const service: AskedService = { by: "auth_request", address: askedIn(asked, level), place: asked.place };
  return delegated([service], besides);
}

function ownSignIn({ level, place }: NginxLocation): Fact<SignIn> {
  const clients = level.last("ssl_verify_client");
  if (clients?.args[0]?.text === "on") return stated("single-factor", clients.place);
  const condition = refusesByRequest(level);
  if (condition?.by === "certificate" && /^optional/.test(clients?.args[0]?.text ?? ""))
    return stated("single-factor", condition.place);
  if (condition !== undefined) return unknown("a condition on the request decides who comes in", condition.place);
  for (const name of ["auth_jwt", "auth_oidc", "auth_pam", "auth_ldap"]) {
    const other = level.last(name);
    if (other !== undefined && other.args[0]?.text !== "off")
      return unknown(`a module decides who comes in (\`${name}\`)`, other.place);
  }
  for (const each of level.chain()) {
    const script = each.firstLike(/^access_by_lua|^js_access|^perl/);
    if (script !== undefined) return unknown("a script decides who comes in", script.place);
  }
  const basic = level.last("auth_basic");
  const realm = basic?.args[0];
  if (basic !== undefined && realm !== undefined && realm.text !== "off") {
    if (realm.unresolved !== undefined || realm.text.includes("$")) {
      return unknown("a variable decides whether a sign-in is asked for", basic.place);
    }
    return isAny(level) && level.list("allow", "deny").length > 0
      ? unknown("an address or a sign-in is enough (`satisfy any`)", basic.place)
      : stated("single-factor", basic.place);
  }
  const doubt = basic === undefined ? level.doubtOfOne("auth_basic") : undefined;
  return doubt === undefined || isOutermost(level, doubt) ? unstated(place) : unknown(doubt, place);
}

/** What tells nothing of who comes, or is told of elsewhere. */
const noSecret = /^\$http_(?:user_agent|referer|host|upgrade|origin|accept\w*|x_forwarded_\w+|cf_\w+|x_real_ip)$/;

/** An `if` that refuses whoever has no certificate that was verified, or does not send something that he must know. */
function refusesByRequest(
  level: Level,
): { readonly by: "certificate" | "header"; readonly place: NginxDirective["place"] } | undefined {
  for (const each of level.chain()) {
    for (const { args, block, place } of each.own("if")) {
      const [, name = "", operator = "", value = ""] =
        /^\(?\s*(\$\w+)\s*(!=|!~\*?|=)\s*(.*?)\s*\)?$/s.exec(args.map(({ text }) => text).join(" ")) ?? [];
      const refuses = block?.some((inner) => inner.name === "return" && /^4/.test(inner.args[0]?.text ?? "")) === true;
      if (!refuses) continue;
      if (name === "$ssl_client_verify" && operator === "!=" && /SUCCESS/.test(value))
        return { by: "certificate", place };
      const isDemand = operator.startsWith("!") || (operator === "=" && /^["']{0,2}$/.test(value));
      if (isDemand && /^\$(?:http|cookie|arg)_\w/.test(name) && !noSecret.test(name)) return { by: "header", place };
    }
  }
  return undefined;
}

/** Where `auth_request /authelia` leads: what the location of that path passes requests on to. */
function askedIn({ args, place }: NginxDirective, level: Level): Fact<AskedAddress> {
  const [path] = args;
  if (path === undefined) return unknown("it names nobody to ask", place);
  if (path.unresolved !== undefined) return unknown(path.unresolved, path.place);
  const found = locationAt(path.text, level);
  if (found === undefined) {
    const unseen = level.doubt("location") ?? `no location of this server answers \`${path.text}\``;
    return unknown(unseen, path.place);
  }
  const [pass] = found.level.own("proxy_pass");
  if (pass === undefined) return unknown(`\`${path.text}\` asks nobody`, path.place);
  return addressOfPass(pass, found.level, { path: path.text, rest: found.rest });
}

interface Fitting {
  /** How much of the path it names; an exact one goes before all. */
  readonly length: number;
  /** What of the path stands behind that. */
  readonly rest: string;
  readonly level: Level;
}

/** The location that takes a path that nginx asks for itself: an exact one, else the longest beginning. */
function locationAt(path: string, level: Level): Fitting | undefined {
  let best: Fitting | undefined;
  for (const each of level.chain()) {
    const found = locationIn(each, path);
    if (found !== undefined && (best === undefined || found.length > best.length)) best = found;
  }
  return best;
}

/** Many locations of one server ask at one path: it is looked for once. */
const looked = new WeakMap<Level, Map<string, Fitting | undefined>>();

function locationIn(level: Level, path: string): Fitting | undefined {
  const known = looked.get(level) ?? new Map<string, Fitting | undefined>();
  looked.set(level, known);
  if (known.has(path)) return known.get(path);
  let best: Fitting | undefined;
  for (const location of level.own("location")) {
    const [first, second] = location.args;
    const modifier = second === undefined ? "" : (first?.text ?? "");
    const written = (second ?? first)?.text ?? "";
    const fits = modifier === "=" ? written === path : /^(?:\^~)?$/.test(modifier) && path.startsWith(written);
    const length = modifier === "=" ? Number.POSITIVE_INFINITY : written.length;
    if (fits && (best === undefined || length > best.length))
      best = { length, rest: path.slice(written.length), level: new Level(location.block ?? [], level) };
  }
  known.set(path, best);
  return best;
}

const loginPath = /log-?in|sign-?in|auth|session|wp-login|wp-admin|password/i;

/** Whether a location is where people sign in. */
export function isForLogins({ written }: NginxLocation): boolean {
  return written !== undefined && loginPath.test(written);
}

/** `limit_req` with the rate of its zone. */
export function rateLimitOf({ level, place }: NginxLocation): Fact<RateLimit | "none"> {
  const limits = level.list("limit_req");
  const [first] = limits;
  if (first === undefined) {
    const doubt = level.doubt("limit_req");
    return doubt === undefined ? unstated(place) : unknown(doubt, place);
  }
  const name = first.args.map(({ text }) => /^zone=(.+)$/.exec(text)?.[1]).find((zone) => zone !== undefined);
  if (name === undefined) return unknown("it names no zone", first.place);
  for (const each of level.chain()) {
    const zone = zonesOf(each).get(name);
    if (zone === undefined) continue;
    const rate = zone.args.map(({ text }) => /^rate=(\d{1,7})r\/([sm])$/.exec(text)).find((match) => match !== null);
    if (rate === undefined) return unknown("its rate cannot be told", zone.place);
    return stated({ requests: Number(rate[1]), windowSeconds: rate[2] === "s" ? 1 : 60 }, first.place);
  }
  return unknown(`the zone \`${name}\` is defined elsewhere`, first.place);
}

const zones = new WeakMap<Level, ReadonlyMap<string, NginxDirective>>();

/** The zones for limits that a block defines, by name. Every site asks for its own. */
function zonesOf(level: Level): ReadonlyMap<string, NginxDirective> {
  const known = zones.get(level);
  if (known !== undefined) return known;
  const found = new Map<string, NginxDirective>();
  for (const directive of level.own("limit_req_zone")) {
    const names = directive.args.flatMap(({ text }) => /^zone=([^:]*):/.exec(text)?.[1] ?? []);
    for (const name of names) if (!found.has(name)) found.set(name, directive);
  }
  zones.set(level, found);
  return found;
}

const logins = new WeakMap<readonly NginxLocation[], readonly NginxLocation[]>();

function loginsAmong(all: readonly NginxLocation[]): readonly NginxLocation[] {
  const known = logins.get(all) ?? all.filter(isForLogins);
  logins.set(all, known);
  return known;
}

/** The limit of logins: that of a location where people sign in, or a general one that is tight. */
export function loginLimitOf(location: NginxLocation, all: readonly NginxLocation[]): Fact<RateLimit | "none"> {
  const own = rateLimitOf(location);
  for (const login of isForLogins(location) ? [location] : loginsAmong(all)) {
    const limit = rateLimitOf(login);
    if (knownValue(limit) !== undefined) return limit;
  }
  const known = knownValue(own);
  if (known !== undefined && known !== "none" && known.requests / known.windowSeconds <= 0.5) return own;
  return unstated(location.place);
}
