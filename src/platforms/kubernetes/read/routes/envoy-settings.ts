import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { AskedService, Delegation, SignIn } from "../../../../facts/sign-in.ts";
import type { Audience, RateLimit, Route } from "../../../../facts/subjects.ts";
import { asBoolean, asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import { delegated } from "../../../../formats/proxy/delegation.ts";
import { isEveryAddress } from "../../../../lib/cidr.ts";
import type { Place } from "../../../../lib/place.ts";
import { itemsIn, textIn, textsIn, whyIncomplete, whyTextsIncomplete } from "../context.ts";

/** What Envoy Gateway's policies say of a route; what none says is left out. */
export interface EnvoySettings {
  readonly tls?: Route["tls"];
  readonly authentication?: Route["authentication"];
  readonly delegation?: Delegation;
  readonly audience?: Route["audience"];
  readonly rateLimit?: Route["rateLimit"];
}

/** OpenID Connect, a token, a key and a password each show who comes; an outside service decides for itself. */
export function securityOf(spec: Fields, namespace: string): EnvoySettings {
  // With `optional` a token is looked at where there is one, and none is as good.
  const demanded = ["oidc", "apiKeyAuth", "basicAuth", ...(isOptional(spec.fields("jwt")) ? [] : ["jwt"])];
  const direct = demanded.find((key) => spec.node(key) !== undefined);
  const outside = spec.node("extAuth");
  const own: Fact<SignIn> | undefined =
    direct === undefined ? undefined : stated("single-factor", spec.keyPlace(direct));
  const signIn =
    outside === undefined
      ? own && { authentication: own }
      : delegated([askedBy(spec.fields("extAuth"), namespace, outside.place)], own ?? unstated(outside.place));
  const audience = audienceOf(spec.fields("authorization"));
  return {
    ...signIn,
    ...(audience === undefined ? {} : { audience }),
  };
}

function isOptional(jwt: Fields): boolean {
  const optional = jwt.fact("optional", asBoolean, "true or false", unstated);
  return optional.kind !== "unstated" && knownValue(optional) !== false;
}

/**
 * The Service that `extAuth` names, as a name in the cluster. Source: Envoy Gateway's API reference, v1.9, ExtAuth
 * (`failOpen`, false by default: requests pass while no answer of the service can be had).
 */
function askedBy(extAuth: Fields, from: string, place: Place): AskedService {
  const failsOpen = extAuth.fact("failOpen", asBoolean, "true or false", (at) => defaulted(false, "platform", at));
  return { ...serviceAsked(extAuth, from, place), failsOpen };
}

function serviceAsked(extAuth: Fields, from: string, place: Place): AskedService {
  const http = extAuth.fields("http");
  const [ref] = [http, extAuth.fields("grpc")].flatMap((each) => [
    ...itemsIn(each, "backendRefs"),
    ...(each.node("backendRef") === undefined ? [] : [each.fields("backendRef")]),
  ]);
  const name = ref && textIn(ref, "name");
  const port = ref && knownValue(ref.fact("port", asInteger, "a port", unstated));
  if (ref === undefined || name === undefined || port === undefined)
    return { by: "extAuth", address: unknown("the Service that is asked is not resolved", place), place };
  const host = `${name}.${textIn(ref, "namespace") ?? from}`;
  const path = textIn(http, "path") ?? "/";
  return { by: "extAuth", address: stated({ host, port, path }, place), place };
}

/**
 * `authorization` with everything denied but the addresses that rules allow; nothing where a rule lets others in too.
 * Source: Envoy Gateway's API reference, v1.9 (`defaultAction` is `Deny` where it is not said).
 */
function audienceOf(authorization: Fields): Fact<Audience> | undefined {
  const { place } = authorization;
  if (authorization.entries.length === 0)
    return authorization.hidden === undefined ? undefined : unknown(authorization.hidden, place);
  const action = authorization.fact("defaultAction", asText, "an action", (at) => defaulted("Deny", "platform", at));
  if (action.kind === "unknown") return action;
  if (knownValue(action) !== "Deny") return undefined;
  const allowing = itemsIn(authorization, "rules").filter((rule) => textIn(rule, "action") !== "Deny");
  const principals = allowing.map((rule) => rule.fields("principal"));
  const whys = [
    whyIncomplete(authorization, "rules"),
    ...principals.map((each) => whyTextsIncomplete(each, "clientCIDRs")),
  ];
  const why = whys.find((each) => each !== undefined);
  if (why !== undefined) return unknown(why, place);
  const cidrs = principals.map((principal) => textsIn(principal, "clientCIDRs"));
  if (cidrs.length === 0 || cidrs.some((each) => each.length === 0)) return undefined;
  return stated({ kind: "networks", cidrs: cidrs.flat() }, place);
}

const units: ReadonlyMap<string, number> = new Map(
  Object.entries({
    Second: 1,
    Minute: 60,
    Hour: 3600,
    Day: 86_400,
    Month: 2_592_000,
    Year: 31_536_000,
  }),
);

export function rateLimitOf(spec: Fields): EnvoySettings {
  const limits = spec.fields("rateLimit");
  const rules = ["local", "global"].flatMap((key) => itemsIn(limits.fields(key), "rules"));
  const first = rules.find(isForEverybody) ?? rules[0];
  if (first === undefined) return {};
  if (!isForEverybody(first)) return { rateLimit: unknown("the rate limit is for some requests alone", first.place) };
  const limit = first.fields("limit");
  const requests = knownValue(limit.fact("requests", asInteger, "a number", unstated));
  const windowSeconds = units.get(textIn(limit, "unit") ?? "");
  const known: RateLimit | undefined =
    requests === undefined || windowSeconds === undefined ? undefined : { requests, windowSeconds };
  const rateLimit: Route["rateLimit"] =
    known === undefined ? unknown("the rate limit is not resolved", limit.place) : stated(known, limit.place);
  return { rateLimit };
}

/** Whether a limit is for whoever comes: no selector, or one of all addresses. Source: the same, `RateLimitSelectCondition`. */
function isForEverybody(rule: Fields): boolean {
  const selectors = itemsIn(rule, "clientSelectors");
  if (selectors.length === 0) return whyIncomplete(rule, "clientSelectors") === undefined;
  return selectors.some(
    (each) =>
      each.hidden === undefined &&
      each.entries.every(({ key }) => key === "sourceCIDR") &&
      isEveryAddress(textIn(each.fields("sourceCIDR"), "value") ?? ""),
  );
}

const versions = ["1.0", "1.1", "1.2", "1.3"] as const;

/** `Auto` is what is served without a word. */
export function minimumTls(spec: Fields): EnvoySettings {
  const version = spec.fields("tls").fact("minVersion", asText, "a version", unstated);
  if (version.kind === "unknown") return { tls: version };
  const minimum = versions.find((each) => each === knownValue(version));
  return minimum === undefined ? {} : { tls: stated({ minimum }, version.place) };
}

/** Of what several listeners say of TLS the least; nothing is said where one without a word allows less than the others. */
export function lowestTls(each: readonly EnvoySettings["tls"][]): EnvoySettings {
  const stated = each.flatMap((tls) => (tls?.kind === "stated" && tls.value !== "none" ? [tls] : []));
  const order = (tls: (typeof stated)[number]) => (tls.value === "none" ? -1 : versions.indexOf(tls.value.minimum));
  const [lowest] = stated.toSorted((a, b) => order(a) - order(b));
  const open = each.find((tls) => tls?.kind === "unknown");
  const withoutWord = versions.indexOf("1.2");
  if (lowest !== undefined && order(lowest) < withoutWord) return { tls: lowest };
  if (open !== undefined) return { tls: open };
  return lowest === undefined || each.includes(undefined) ? {} : { tls: lowest };
}
