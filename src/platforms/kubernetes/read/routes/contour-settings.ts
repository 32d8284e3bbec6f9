/**
 * What a virtual host of Contour and one of its routes do with whoever comes. Source: Contour 1.33,
 * `apis/projectcontour/v1/httpproxy.go`, "JWT Verification", "IP Filtering" (a route's own list takes the place of the
 * host's), "Rate Limiting", "Client Authorization".
 */
import {
  complete,
  defaulted,
  type Fact,
  incomplete,
  knownValue,
  stated,
  unknown,
  unstated,
} from "../../../../facts/fact.ts";
import type { AskedService, SignIn } from "../../../../facts/sign-in.ts";
import type { Audience, RateLimit } from "../../../../facts/subjects.ts";
import { asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import { delegated } from "../../../../formats/proxy/delegation.ts";
import { isEveryAddress } from "../../../../lib/cidr.ts";
import type { KubernetesObject } from "../../objects.ts";
import { itemsIn, specOf, textIn, whyIncomplete } from "../context.ts";
import { flagFact } from "../pods/scalars.ts";
import type { Header, RouteSettings } from "./route.ts";

export interface VirtualHost {
  /** `virtualhost` of its HTTPProxy. */
  readonly host: Fields;
  /** Of the ExtensionService that is asked. */
  readonly namespace: string;
  /** The one that is asked, where it is among the objects. */
  readonly extension: KubernetesObject | undefined;
}

/** `rule` is undefined for connections that are handed on as they are. */
export function contourSettings(virtual: VirtualHost, rule: Fields | undefined): RouteSettings {
  const { host } = virtual;
  if (rule === undefined) return { transport: "tcp", ...tlsOf(host) };
  const insecure = isOn(rule, "permitInsecure");
  const audience = audienceOf(rule) ?? audienceOf(host);
  return {
    ...tlsOf(host),
    ...redirectOf(host, rule, insecure),
    ...(audience && { audience }),
    ...signInOf(virtual, rule, insecure),
    ...limitOf(rule, host),
    ...headersOf(rule),
  };
}

function isOn(fields: Fields, key: string): Fact<boolean> {
  return flagFact(fields, key, (at) => defaulted(false, "platform", at));
}

function tlsOf(host: Fields): Pick<RouteSettings, "tls" | "transport"> {
  const tls = host.node("tls");
  if (tls === undefined) {
    if (host.hidden !== undefined) return { tls: unknown(host.hidden, host.place) };
    return { tls: stated("none", host.place) };
  }
  const fields = host.fields("tls");
  const passed = isOn(fields, "passthrough");
  if (passed.kind === "unknown") return { tls: passed };
  if (knownValue(passed) === true) return { transport: "tcp" };
  const version = fields.fact("minimumProtocolVersion", asText, "a version", (at) => defaulted("1.2", "platform", at));
  if (version.kind === "unknown" || version.kind === "unstated") return { tls: version };
  return { tls: { ...version, value: { minimum: version.value === "1.3" ? "1.3" : "1.2" } } };
}

function redirectOf(host: Fields, rule: Fields, insecure: Fact<boolean>): Pick<RouteSettings, "redirectsToTls"> {
  if (host.node("tls") === undefined) return {};
  if (insecure.kind === "unknown") return { redirectsToTls: insecure };
  const isInsecure = knownValue(insecure) === true;
  return {
    redirectsToTls: isInsecure
      ? stated(false, rule.keyPlace("permitInsecure"))
      : defaulted(true, "platform", host.keyPlace("tls")),
  };
}

/** Undefined where nothing narrows it. Addresses that are denied leave all others. */
function audienceOf(fields: Fields): Fact<Audience> | undefined {
  if (fields.node("ipAllowPolicy") === undefined) return undefined;
  const place = fields.keyPlace("ipAllowPolicy");
  const entries = itemsIn(fields, "ipAllowPolicy");
  const cidrs = entries.map((entry) => textIn(entry, "cidr"));
  const why =
    whyIncomplete(fields, "ipAllowPolicy") ??
    (cidrs.includes(undefined) ? "an address of `ipAllowPolicy` is not resolved" : undefined);
  if (why !== undefined) return unknown(why, place);
  const known = cidrs.filter((cidr) => cidr !== undefined);
  return known.some(isEveryAddress)
    ? stated({ kind: "public" }, place)
    : stated({ kind: "networks", cidrs: known }, place);
}

/** All of it is asked on TLS alone: a route that plain HTTP comes by as well has none of it. */
function signInOf(
  virtual: VirtualHost,
  rule: Fields,
  insecure: Fact<boolean>,
): Pick<RouteSettings, "authentication" | "delegation"> {
  const { host } = virtual;
  const own = strongest([clientCertificate(host), token(host, rule)]);
  const asked = askedBy(virtual, rule);
  if (own === undefined && asked === undefined) return {};
  if (knownValue(insecure) !== false)
    return {
      authentication: unknown(
        "plain HTTP is let through as well (`permitInsecure`), and nobody is asked there",
        insecure.place,
      ),
    };
  return asked === undefined || "kind" in asked
    ? { authentication: strongest([own, asked]) ?? unstated(rule.place) }
    : delegated([asked], own ?? unstated(host.place));
}

function strongest(facts: readonly (Fact<SignIn> | undefined)[]): Fact<SignIn> | undefined {
  const present = facts.filter((fact) => fact !== undefined);
  return present.find((fact) => knownValue(fact) === "single-factor") ?? present[0];
}

function clientCertificate(host: Fields): Fact<SignIn> | undefined {
  const tls = host.fields("tls");
  if (tls.node("clientValidation") === undefined) return undefined;
  const validation = tls.fields("clientValidation");
  const place = tls.keyPlace("clientValidation");
  const loose = ["skipClientCertValidation", "optionalClientCertificate"].map((key) => isOn(validation, key));
  const open = loose.find(({ kind }) => kind === "unknown");
  if (open?.kind === "unknown") return open;
  return loose.some((fact) => knownValue(fact) === true) ? undefined : stated("single-factor", place);
}

/** The provider that is the default for all, unless the route names another one or none. */
function token(host: Fields, rule: Fields): Fact<SignIn> | undefined {
  const policy = rule.fields("jwtVerificationPolicy");
  const disabled = isOn(policy, "disabled");
  if (disabled.kind === "unknown") return disabled;
  if (rule.node("jwtVerificationPolicy") !== undefined && knownValue(disabled) === true) return undefined;
  if (textIn(policy, "require") !== undefined && rule.node("jwtVerificationPolicy") !== undefined)
    return stated("single-factor", rule.keyPlace("jwtVerificationPolicy"));
  const standard = itemsIn(host, "jwtProviders").find((each) => knownValue(isOn(each, "default")) === true);
  return standard && stated("single-factor", standard.place);
}

/** Whom Contour asks about each request; undefined where it asks nobody. */
function askedBy({ host, namespace, extension }: VirtualHost, rule: Fields): AskedService | Fact<SignIn> | undefined {
  if (host.node("authorization") === undefined) return undefined;
  const authorization = host.fields("authorization");
  const place = host.keyPlace("authorization");
  const policy = rule.node("authPolicy") === undefined ? authorization.fields("authPolicy") : rule.fields("authPolicy");
  const isSaid = rule.node("authPolicy") !== undefined || authorization.node("authPolicy") !== undefined;
  const disabled = isOn(policy, "disabled");
  if (isSaid && disabled.kind === "unknown") return disabled;
  if (isSaid && knownValue(disabled) === true) return undefined;
  const by = "authorization";
  const failsOpen = isOn(authorization, "failOpen");
  const [service] = extension === undefined ? [] : itemsIn(specOf(extension), "services");
  const name = service && textIn(service, "name");
  const port = service && knownValue(service.fact("port", asInteger, "a port", unstated));
  if (name === undefined || port === undefined)
    return {
      by,
      address: unknown("the ExtensionService that is asked is not among the files", place),
      failsOpen,
      place,
    };
  return { by, address: stated({ host: `${name}.${namespace}`, port, path: "/" }, place), failsOpen, place };
}

const seconds: ReadonlyMap<string, number> = new Map([
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
]);

function limitOf(rule: Fields, host: Fields): Pick<RouteSettings, "rateLimit"> {
  const around = [rule, host].find((fields) => fields.node("rateLimitPolicy") !== undefined);
  if (around === undefined) return {};
  const policy = around.fields("rateLimitPolicy");
  const place = around.keyPlace("rateLimitPolicy");
  const local = policy.fields("local");
  if (policy.node("local") === undefined)
    return { rateLimit: unknown("what its descriptors are limited to is said by another service", place) };
  const requests = knownValue(local.fact("requests", asInteger, "a number", unstated));
  const windowSeconds = seconds.get(textIn(local, "unit") ?? "");
  if (requests === undefined || windowSeconds === undefined)
    return { rateLimit: unknown("the rate limit is not resolved", place) };
  const limit: RateLimit = { requests, windowSeconds };
  return { rateLimit: stated(limit, place) };
}

function headersOf(rule: Fields): Pick<RouteSettings, "headers"> {
  const services = itemsIn(rule, "services");
  const around = services.length === 1 ? [rule, ...services] : [rule];
  const policies = around
    .filter((each) => each.node("responseHeadersPolicy") !== undefined)
    .map((each) => each.fields("responseHeadersPolicy"));
  const items = policies.flatMap((policy) => [...setBy(policy), ...removedBy(policy)]);
  const why = policies
    .map((policy) => whyIncomplete(policy, "set") ?? whyIncomplete(policy, "remove"))
    .find((each) => each !== undefined);
  return { headers: why === undefined ? complete(items, rule.place) : incomplete(items, why, rule.place) };
}

function setBy(policy: Fields): readonly Header[] {
  return itemsIn(policy, "set").flatMap((item) => {
    const [name, value] = [textIn(item, "name"), textIn(item, "value")];
    return name === undefined || value === undefined ? [] : [{ name: name.toLowerCase(), value, place: item.place }];
  });
}

function removedBy(policy: Fields): readonly Header[] {
  const node = policy.node("remove");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item): readonly Header[] =>
    item.kind === "scalar" && item.unresolved === undefined && item.value !== null
      ? [{ name: String(item.value).toLowerCase(), value: null, place: item.place }]
      : [],
  );
}
