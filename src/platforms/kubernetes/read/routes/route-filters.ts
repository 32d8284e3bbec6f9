/**
 * What the filters of a rule do to those who come: set response headers, ask another service, or hand the request to
 * something of the gateway's own (`ExtensionRef`).
 *
 * Sources: Gateway API v1.6, HTTPRouteFilter ("if a reference to a custom filter type cannot be resolved, the filter must
 * not be skipped", so that what asks for a sign-in never goes missing unseen) and GEP-1494 (`ExternalAuth`); Traefik 3.7,
 * "Kubernetes Gateway API" (an ExtensionRef to a Middleware of the route's namespace); Envoy Gateway 1.9, HTTPRouteFilter;
 * NGINX Gateway Fabric 2, AuthenticationFilter.
 */
import { complete, type Fact, incomplete, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { AskedService, SignIn } from "../../../../facts/sign-in.ts";
import { asInteger, asText, type Fields } from "../../../../formats/fields.ts";
import { delegated } from "../../../../formats/proxy/delegation.ts";
import { identifier } from "../../../../formats/traefik/kubernetes.ts";
import {
  audienceOf as chainAudience,
  authenticationOf as chainAuthentication,
  headersOf as chainHeaders,
  chainOf,
  rateLimitOf as chainRateLimit,
} from "../../../../formats/traefik/middlewares.ts";
import type { Registry } from "../../../../formats/traefik/registry.ts";
import type { Place } from "../../../../lib/place.ts";
import type { KubernetesObject } from "../../objects.ts";
import { type ClusterContext, itemsIn, specOf, textIn } from "../context.ts";
import type { ControllerName } from "./controllers.ts";
import type { Header, RouteSettings } from "./route.ts";

/** What filters are looked up in. */
export interface FilterSurroundings {
  readonly context: ClusterContext;
  /** The route that they stand in. */
  readonly object: KubernetesObject;
  /** The program of the gateway, where it is known. */
  readonly controller: ControllerName | undefined;
  /** Traefik's middlewares, where the cluster has any object of Traefik's. */
  readonly registry: Registry | undefined;
}

type SignsIn = Pick<RouteSettings, "authentication" | "delegation">;
type Acts = Pick<RouteSettings, "audience" | "rateLimit" | "headers"> & SignsIn;

/** The settings of a rule: what is said for the whole route, with what the filters add to it. */
export function filteredSettings(
  filters: readonly Fields[],
  shared: RouteSettings,
  around: FilterSurroundings,
  place: Place,
): RouteSettings {
  const acting = filters.flatMap((filter) => actOf(filter, around) ?? []);
  const own = filters.flatMap((filter) =>
    textIn(filter, "type") === "ResponseHeaderModifier" ? modifiedHeaders(filter.fields("responseHeaderModifier")) : [],
  );
  const headers = [complete(own, place), ...acting.flatMap((act) => act.headers ?? [])];
  const hidden = headers.find((list) => !list.complete);
  const items = headers.flatMap((list) => list.items);
  return {
    ...shared,
    ...joinedSignIn([shared, ...acting], place),
    ...firstKnown("audience", [shared, ...acting]),
    ...firstKnown("rateLimit", [shared, ...acting]),
    headers: hidden?.complete === false ? incomplete(items, hidden.why, hidden.place) : complete(items, place),
  };
}

/** Each of them must let a request pass: what one demands holds whatever the others do. */
export function joinedSignIn(each: readonly SignsIn[], place: Place): SignsIn {
  const asked = each.flatMap(({ delegation }) => delegation?.asked ?? []);
  const besides = each.flatMap(({ delegation, authentication }) => delegation?.besides ?? authentication ?? []);
  if (asked.length === 0 && besides.length === 0) return {};
  return delegated(asked, strongest(besides) ?? unstated(place));
}

function strongest(facts: readonly Fact<SignIn>[]): Fact<SignIn> | undefined {
  return (
    facts.find((fact) => knownValue(fact) !== undefined && knownValue(fact) !== "none") ??
    facts.find(({ kind }) => kind === "unknown") ??
    facts.find(({ kind }) => kind !== "unstated") ??
    facts[0]
  );
}

function firstKnown<K extends "audience" | "rateLimit">(key: K, each: readonly Acts[]): Pick<RouteSettings, K> {
  const facts = each.flatMap((act) => act[key] ?? []);
  const found =
    facts.find((fact) => knownValue<unknown>(fact) !== undefined) ??
    facts.find(({ kind }) => kind === "unknown") ??
    facts[0];
  return (found === undefined ? {} : { [key]: found }) as Pick<RouteSettings, K>;
}

/** Undefined for a filter that lets everybody pass and leaves answers alone. */
function actOf(filter: Fields, around: FilterSurroundings): Acts | undefined {
  const type = textIn(filter, "type");
  if (type === "ExternalAuth") {
    const externalAuth = filter.fields("externalAuth");
    return delegated([externallyAsked(externalAuth, around)], unstated(externalAuth.place));
  }
  if (type === "ExtensionRef") return extensionOf(filter.fields("extensionRef"), around);
  return type === undefined ? inDoubt("a filter whose type is not resolved decides", filter.place) : undefined;
}

/** The Service that `ExternalAuth` names. What it is asked at begins with `http.path`. */
function externallyAsked(externalAuth: Fields, { context, object }: FilterSurroundings): AskedService {
  const { place } = externalAuth;
  const by = "ExternalAuth";
  const ref = externalAuth.fields("backendRef");
  const name = textIn(ref, "name");
  const port = knownValue(ref.fact("port", asInteger, "a port", unstated));
  const kind = textIn(ref, "kind") ?? "Service";
  if (name === undefined || port === undefined || kind !== "Service")
    return { by, address: unknown("the Service that is asked is not resolved", place), place };
  const host = `${name}.${textIn(ref, "namespace") ?? context.namespaceOf(object)}`;
  const path = textIn(externalAuth.fields("http"), "path") ?? "/";
  return { by, address: stated({ host, port, path }, place), place };
}

function extensionOf(ref: Fields, around: FilterSurroundings): Acts | undefined {
  const { context, object, controller } = around;
  const [group, kind, name] = ["group", "kind", "name"].map((key) => textIn(ref, key));
  const why = `the filter ${[kind, name].filter((each) => each !== undefined).join(" ")} decides`;
  const found =
    group === undefined || kind === undefined || name === undefined
      ? undefined
      : context.object(group, kind, name, context.namespaceOf(object));
  if (found === undefined || found.encrypted) return inDoubt(why, ref.place);
  const known = knownExtensions.find((each) => each.group === group && each.kind === kind);
  if (known === undefined || (controller !== undefined && !known.controllers.includes(controller)))
    return inDoubt(why, ref.place);
  return known.read(found, around, ref.place);
}

interface KnownExtension {
  readonly group: string;
  readonly kind: string;
  /** Who reads it; a class called `nginx` is taken for the other NGINX by its name alone. */
  readonly controllers: readonly ControllerName[];
  read(object: KubernetesObject, around: FilterSurroundings, place: Place): Acts | undefined;
}

const knownExtensions: readonly KnownExtension[] = [
  { group: "traefik.io", kind: "Middleware", controllers: ["traefik"], read: middleware },
  { group: "traefik.containo.us", kind: "Middleware", controllers: ["traefik"], read: middleware },
  // It rewrites, answers by itself, or adds credentials for the service behind: nobody is asked for any.
  { group: "gateway.envoyproxy.io", kind: "HTTPRouteFilter", controllers: ["envoy-gateway"], read: () => undefined },
  {
    group: "gateway.nginx.org",
    kind: "AuthenticationFilter",
    controllers: ["nginx", "ingress-nginx"],
    read: authenticationFilter,
  },
];

function middleware({ name }: KubernetesObject, around: FilterSurroundings, place: Place): Acts {
  const { context, object, registry } = around;
  if (registry === undefined) return inDoubt(`the filter Middleware ${name} decides`, place);
  const text = identifier(context.namespaceOf(object), name);
  const chain = chainOf({ items: [{ text, place }] }, "kubernetescrd", registry);
  const audience = chainAudience(chain, place);
  return {
    ...chainAuthentication(chain, place),
    // That Traefik lets in everybody says nothing that the route does not say without it.
    ...(audience.kind === "defaulted" ? {} : { audience }),
    rateLimit: chainRateLimit(chain, place),
    headers: chainHeaders(chain, place),
  };
}

/** `Basic`, `JWT` and `OIDC` each demand that somebody shows who he is. */
function authenticationFilter(object: KubernetesObject, _around: FilterSurroundings, place: Place): Acts {
  const type = textIn(specOf(object), "type");
  return type !== undefined && /^(?:Basic|JWT|OIDC)$/.test(type)
    ? { authentication: stated("single-factor", place) }
    : inDoubt(`the filter AuthenticationFilter ${object.name} decides`, place);
}

/** Something acts on the route of which nobody knows what it does. */
function inDoubt(why: string, place: Place): Acts {
  const open = <T>(): Fact<T> => unknown(why, place);
  return { authentication: open(), rateLimit: open(), audience: open(), headers: incomplete([], why, place) };
}

function modifiedHeaders(modifier: Fields): readonly Header[] {
  const given = ["set", "add"].flatMap((key) =>
    itemsIn(modifier, key).flatMap((item): readonly Header[] => {
      const name = textIn(item, "name");
      const value = textIn(item, "value");
      return name === undefined || value === undefined ? [] : [{ name: name.toLowerCase(), value, place: item.place }];
    }),
  );
  return [...given, ...removed(modifier)];
}

function removed(modifier: Fields): readonly Header[] {
  const node = modifier.node("remove");
  if (node?.kind !== "sequence") return [];
  return node.items.flatMap((item): readonly Header[] => {
    const name = item.kind === "scalar" && item.unresolved === undefined ? asText(item) : undefined;
    return name === undefined ? [] : [{ name: name.toLowerCase(), value: null, place: item.place satisfies Place }];
  });
}
