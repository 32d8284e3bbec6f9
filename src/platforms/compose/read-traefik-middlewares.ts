import {
  complete,
  defaulted,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { RateLimit, Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { listed, type SettingLabel, type Settings } from "./read-labels.ts";

/** What a router's middlewares do together. */
export interface MiddlewareChain {
  audience(place: Place): Route["audience"];
  authentication(place: Place): Route["authentication"];
  rateLimit(place: Place): Route["rateLimit"];
  headers(place: Place): Route["headers"];
  /** Undefined when no middleware redirects. */
  readonly redirectsToTls: Fact<boolean> | undefined;
}

interface Middleware {
  /** `ipallowlist`, `forwardauth`, … in lower case. */
  readonly kind: string;
  readonly settings: Settings;
  readonly place: Place;
}

const maximumDepth = 10;

/**
 * The middlewares of a router, chains followed, from the definitions in labels. One that is defined elsewhere
 * (`secured@file`, a plugin) leaves in doubt whatever it could do.
 */
export function readMiddlewares(
  label: SettingLabel | undefined,
  defined: ReadonlyMap<string, Settings>,
): MiddlewareChain {
  const chain: Middleware[] = [];
  let doubt = label?.value.kind === "unknown" ? label.value.why : undefined;
  const add = (names: readonly string[], depth: number) => {
    for (const written of names) {
      const settings = defined.get(written.replace(/@docker$/i, ""));
      if (settings === undefined) doubt ??= `the middleware \`${written}\` is defined outside the labels`;
      else for (const middleware of kindsOf(settings)) include(middleware, depth);
    }
  };
  const include = (middleware: Middleware, depth: number) => {
    if (middleware.kind === "plugin") doubt ??= "a plugin decides";
    if (middleware.kind !== "chain") chain.push(middleware);
    else if (depth < maximumDepth) add(listed(text(middleware, "middlewares") ?? ""), depth + 1);
  };
  add(label === undefined ? [] : listed(knownValue(label.value) ?? ""), 0);
  return asChain(chain, doubt);
}

function kindsOf(settings: Settings): readonly Middleware[] {
  const kinds = new Map<string, Map<string, SettingLabel>>();
  for (const [option, label] of settings) {
    const [kind = "", ...rest] = option.split(".");
    const group = kinds.get(kind) ?? new Map<string, SettingLabel>();
    group.set(rest.join("."), label);
    kinds.set(kind, group);
  }
  return [...kinds].map(([kind, group]) => ({ kind, settings: group, place: firstPlace(group) }));
}

function firstPlace(settings: Settings): Place {
  for (const label of settings.values()) return label.place;
  return { kind: "nowhere", why: "it has no label" };
}

function text(middleware: Middleware, option: string): string | undefined {
  const label = middleware.settings.get(option);
  return label === undefined ? undefined : knownValue(label.value);
}

function asChain(chain: readonly Middleware[], doubt: string | undefined): MiddlewareChain {
  const first = (...kinds: string[]) => chain.find((middleware) => kinds.includes(middleware.kind));
  const redirect = first("redirectscheme");
  return {
    audience(place) {
      const list = first("ipallowlist", "ipwhitelist");
      if (list !== undefined) return allowed(list);
      return doubt === undefined ? defaulted({ kind: "public" }, "platform", place) : unknown(doubt, place);
    },
    authentication(place) {
      const login = first("basicauth", "digestauth");
      if (login !== undefined) return stated("single-factor", login.place);
      const forwarded = first("forwardauth");
      if (forwarded !== undefined)
        return unknown("another service decides who comes in (`forwardauth`)", forwarded.place);
      return doubt === undefined ? unstated(place) : unknown(doubt, place);
    },
    rateLimit(place) {
      const limit = first("ratelimit");
      if (limit !== undefined) return readRateLimit(limit);
      return doubt === undefined ? unstated(place) : unknown(doubt, place);
    },
    headers(place) {
      return readHeaders(
        chain.filter((middleware) => middleware.kind === "headers"),
        doubt,
        place,
      );
    },
    redirectsToTls: redirect === undefined ? undefined : stated(text(redirect, "scheme") === "https", redirect.place),
  };
}

function allowed(list: Middleware): Route["audience"] {
  const label = list.settings.get("sourcerange");
  if (label === undefined) return unknown("the allow-list names no range", list.place);
  if (label.value.kind === "unknown") return label.value;
  const cidrs = listed(knownValue(label.value) ?? "");
  if (cidrs.length === 0) return unknown("the allow-list names no range", label.place);
  return stated({ kind: "networks", cidrs }, label.place);
}

const periodUnits: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

function readRateLimit(limit: Middleware): Fact<RateLimit | "none"> {
  const average = text(limit, "average");
  const unresolved = [...limit.settings.values()].find((label) => label.value.kind === "unknown");
  if (unresolved?.value.kind === "unknown") return unresolved.value;
  if (average === undefined || !/^\d+$/.test(average)) return unknown("the rate limit has no average", limit.place);
  if (Number(average) === 0) return stated("none", limit.place);
  const period = /^(\d+)(ms|s|m|h)?$/.exec(text(limit, "period") ?? "1s");
  if (period === null) return unknown("the rate limit's period is no duration", limit.place);
  const windowSeconds = Number(period[1]) * (periodUnits[period[2] ?? "s"] ?? 1);
  return stated({ requests: Number(average), windowSeconds }, limit.place);
}

type Header = { readonly name: string; readonly value: string | null; readonly place: Place };

/** Options of Traefik's headers middleware that stand for a header of their own. */
const headerOptions: Readonly<Record<string, (value: string) => readonly [string, string] | undefined>> = {
  framedeny: (value) => (value === "true" ? ["x-frame-options", "DENY"] : undefined),
  customframeoptionsvalue: (value) => ["x-frame-options", value],
  contenttypenosniff: (value) => (value === "true" ? ["x-content-type-options", "nosniff"] : undefined),
  referrerpolicy: (value) => ["referrer-policy", value],
  permissionspolicy: (value) => ["permissions-policy", value],
  contentsecuritypolicy: (value) => ["content-security-policy", value],
};

function readHeaders(middlewares: readonly Middleware[], doubt: string | undefined, place: Place): FactList<Header> {
  const headers: Header[] = [];
  let why = doubt;
  for (const middleware of middlewares) {
    for (const [option, label] of middleware.settings) {
      const value = knownValue(label.value);
      if (value === undefined) {
        why ??= label.value.kind === "unknown" ? label.value.why : undefined;
        continue;
      }
      const known = headerOptions[option]?.(value);
      if (known !== undefined) headers.push({ name: known[0], value: known[1], place: label.place });
      const custom = /^customresponseheaders\.(.+)$/.exec(option)?.[1];
      // An empty value takes the header away.
      if (custom !== undefined) headers.push({ name: custom, value: value === "" ? null : value, place: label.place });
    }
    const transport = strictTransport(middleware);
    if (transport !== undefined) headers.push(transport);
  }
  return why === undefined ? complete(headers, place) : incomplete(headers, why, place);
}

function strictTransport(middleware: Middleware): Header | undefined {
  const label = middleware.settings.get("stsseconds");
  const seconds = label === undefined ? undefined : knownValue(label.value);
  if (label === undefined || seconds === undefined || !/^[1-9]\d*$/.test(seconds)) return undefined;
  const parts = [`max-age=${seconds}`];
  if (text(middleware, "stsincludesubdomains") === "true") parts.push("includeSubDomains");
  if (text(middleware, "stspreload") === "true") parts.push("preload");
  return { name: "strict-transport-security", value: parts.join("; "), place: label.place };
}
