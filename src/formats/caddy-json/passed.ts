/** What requests pass on a way: sign-ins, rate limits, headers. */
import {
  complete,
  type Fact,
  type FactList,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../facts/fact.ts";
import type { AskedService } from "../../facts/sign-in.ts";
import type { RateLimit, Route } from "../../facts/subjects.ts";
import type { Place } from "../../lib/place.ts";
import { askedAddress, delegated } from "../proxy/delegation.ts";
import { relate } from "./conditions.ts";
import { policyFor } from "./encryption.ts";
import type { CaddyServer, CaddyText, HeaderOperation, MatcherSet, SignInHandler } from "./model.ts";
import type { Passed, Way } from "./walk.ts";

const onSomePaths = "it is there for some of the requests only";
/** Names of plugins' directives that decide who comes in. */
const asksWho = /auth|oidc|saml|jwt|login|sso/i;

/** Who a way lets in. A sign-in of Caddy's own is known; what another service demands is looked up later. */
export function authenticationOf(
  way: Way,
  host: Fact<string>,
  server: CaddyServer,
): Pick<Route, "authentication" | "delegation"> {
  const policy = policyFor(host, server);
  if (policy?.clientCertificate === true) return { authentication: stated("single-factor", policy.place) };
  const asked: AskedService[] = [];
  let password: Route["authentication"] | undefined;
  let doubt: Route["authentication"] | undefined;
  for (const { handler, conditions } of way.passed) {
    if (handler === "stop") continue;
    const { place } = handler;
    const whole = relate(conditions, way.conditions) === "always";
    if (handler.kind === "unseen") doubt ??= unknown(handler.why, place);
    if (handler.kind === "sign-in") {
      if (!whole) doubt ??= unknown("a sign-in is asked for by some of the requests only", place);
      else if (handler.how === "password") password ??= stated("single-factor", place);
      else if (handler.asks !== undefined) asked.push(askedBy(handler, handler.asks));
      else doubt ??= unknown(`another service decides who comes in (\`${handler.by}\`)`, place);
    }
    if (handler.kind === "other" && asksWho.test(handler.name)) {
      doubt ??= unknown(`a plugin decides who comes in (\`${handler.name}\`)`, place);
    }
  }
  return delegated(asked, password ?? doubt ?? unstated(way.end.place));
}

/**
 * Whether requests pass the bouncer for CrowdSec before a sign-in. Source: hslatman/caddy-crowdsec-bouncer 0.9, whose
 * handler and directive are called `crowdsec`.
 */
export function screeningOf(way: Way): NonNullable<Route["screening"]> {
  let asked = false;
  let doubt: NonNullable<Route["screening"]> | undefined;
  for (const { handler, conditions } of way.passed) {
    if (handler === "stop") continue;
    const { kind, place } = handler;
    if (kind === "unseen") doubt ??= unknown(handler.why, place);
    if (kind === "sign-in") asked = true;
    if (kind !== "other" || handler.name !== "crowdsec") continue;
    if (relate(conditions, way.conditions) === "always") return stated(asked ? "late" : "first", place);
    doubt ??= unknown(onSomePaths, place);
  }
  return doubt ?? unstated(way.end.place);
}

/** Of several services that share the asking the first stands for all: they are one service's copies. */
function askedBy({ by, uri, place }: SignInHandler, [first]: readonly CaddyText[]): AskedService {
  const open = first?.unresolved ?? uri?.unresolved;
  if (first === undefined) return { by, address: unknown("it names nobody to ask", place), place };
  if (open !== undefined) return { by, address: unknown(open, first.place), place };
  return { by, address: askedAddress(first.text, first.place, uri?.text ?? ""), place };
}

const loginPath = /log-?in|sign-?in|auth|session|wp-admin|password/i;

/** The limits that a way passes: one for every request, one for logins. */
export function rateLimitsOf(way: Way): Pick<Route, "rateLimit" | "loginRateLimit"> {
  let general: Fact<RateLimit | "none"> | undefined;
  let login: Fact<RateLimit | "none"> | undefined;
  let unseen: Fact<RateLimit | "none"> | undefined;
  for (const passed of way.passed) {
    if (passed.handler === "stop") continue;
    if (passed.handler.kind === "unseen") unseen ??= unknown(passed.handler.why, passed.handler.place);
    if (passed.handler.kind !== "rate-limit") continue;
    for (const zone of passed.handler.zones) {
      const known = zone.events !== undefined && zone.windowSeconds !== undefined && zone.windowSeconds > 0;
      const limit: Fact<RateLimit | "none"> = known
        ? stated({ requests: zone.events ?? 0, windowSeconds: zone.windowSeconds ?? 1 }, zone.place)
        : unknown("its window or its number of events cannot be told", zone.place);
      const whole = zone.match.length === 0 && relate(passed.conditions, way.conditions) === "always";
      if (whole) general ??= limit;
      else if (isForLogins(passed, zone.match)) login ??= limit;
      else general ??= unknown("requests are limited on some of its paths only", zone.place);
    }
  }
  const { place } = way.end;
  return {
    rateLimit: general ?? unseen ?? unstated(place),
    loginRateLimit: login ?? (isTight(general) ? general : unstated(place)),
  };
}

function isForLogins({ conditions }: Passed, match: readonly MatcherSet[]): boolean {
  const sets = [...conditions.flat(), ...match];
  return sets.some(({ paths }) => paths?.some(({ text }) => loginPath.test(text)) === true);
}

/** Whether a limit for everything is one for logins too. */
function isTight(limit: Fact<RateLimit | "none"> | undefined): limit is Fact<RateLimit | "none"> {
  const known = limit === undefined ? undefined : knownValue(limit);
  return known !== undefined && known !== "none" && known.requests / known.windowSeconds <= 0.5;
}

type Headers = Route["headers"];
type Header = Headers["items"][number];

/** The headers that Caddy sets or takes away. What the service behind it sends stands beside them. */
export function headersOf(way: Way): Headers {
  const headers = new Map<string, Header>();
  let why: string | undefined;
  const apply = (operations: readonly HeaderOperation[], whole: boolean) => {
    for (const operation of operations) {
      why ??= whole ? whyHidden(operation) : onSomePathsWhy(operation);
      if (whole) applyOne(headers, operation);
    }
  };
  for (const { handler, conditions } of way.passed) {
    if (handler === "stop") continue;
    if (handler.kind === "unseen") why ??= handler.why;
    if (handler.kind !== "headers") continue;
    apply(handler.operations, !handler.conditional && relate(conditions, way.conditions) === "always");
  }
  if (way.end.kind === "proxy") apply(way.end.headers, true);
  const sent = [...headers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return asList(sent, why, way.end.place);
}

function asList(items: readonly Header[], why: string | undefined, place: Place): FactList<Header> {
  return why === undefined ? complete(items, place) : incomplete(items, why, place);
}

function applyOne(headers: Map<string, Header>, { action, name, value, place }: HeaderOperation): void {
  const header = name.toLowerCase();
  if (action === "delete") {
    for (const known of [...headers.keys()]) if (matches(known, header)) headers.delete(known);
    headers.set(header, { name: header, value: null, place });
    return;
  }
  if (action === "replace" || value === undefined || isOpen(value)) return;
  if (action === "add" && headers.get(header)?.value !== undefined && headers.get(header)?.value !== null) return;
  headers.set(header, { name: header, value: value.text, place });
}

/** `X-*` names all that begin so. */
function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function isOpen(value: CaddyText): boolean {
  return value.unresolved !== undefined;
}

function whyHidden({ action, name, value }: HeaderOperation): string | undefined {
  if (action === "replace") return `a pattern changes the header ${name}`;
  return value?.unresolved;
}

function onSomePathsWhy({ name }: HeaderOperation): string {
  return `the header ${name} is changed, and ${onSomePaths}`;
}
