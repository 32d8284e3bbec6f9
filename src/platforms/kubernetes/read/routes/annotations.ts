import { complete, type Fact, type FactList, incomplete, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { SignIn } from "../../../../facts/sign-in.ts";
import type { Audience, RateLimit } from "../../../../facts/subjects.ts";
import { askedAddress, delegated } from "../../../../formats/proxy/delegation.ts";
import {
  type Chain,
  audienceOf as chainAudience,
  authenticationOf as chainAuthentication,
  headersOf as chainHeaders,
  chainOf,
  rateLimitOf as chainRateLimit,
  redirectOf as chainRedirect,
  hiddenChain,
} from "../../../../formats/traefik/middlewares.ts";
import type { Registry } from "../../../../formats/traefik/registry.ts";
import type { Place } from "../../../../lib/place.ts";
import type { Labels } from "../labels.ts";
import type { ControllerName } from "./controllers.ts";
import type { Header, RouteSettings } from "./route.ts";

/** What the annotations of an Ingress say of its routes. */
export interface Annotations {
  readonly settings: RouteSettings;
  /** Whether plain HTTP is sent on, where an annotation decides. */
  readonly redirects: Fact<boolean> | undefined;
  /** True when an annotation has TLS served although the Ingress names no certificate. */
  readonly terminatesTls: boolean;
}

/**
 * Reads the annotations that matter of ingress-nginx, Traefik, HAProxy's controllers and the clouds'.
 *
 * Sources: ingress-nginx 1.13 "Annotations"; Traefik 3.7 "Kubernetes Ingress: annotations"; HAProxy Ingress 0.15
 * "Configuration keys"; AWS Load Balancer Controller 2.13 "Ingress annotations"; Google Cloud "Ingress for GKE".
 */
export function ingressAnnotations(
  annotations: Labels,
  place: Place,
  controller: ControllerName | undefined,
  registry?: Registry,
): Annotations {
  const value = (...names: string[]) =>
    names.flatMap((name) => (isHeeded(name, controller) ? (annotations.values.get(name) ?? []) : []))[0];
  const audience = audienceOf(value, place);
  const authentication = authenticationOf(value, place);
  const rateLimit = rateLimitOf(value, place);
  const middlewares = value("traefik.ingress.kubernetes.io/router.middlewares");
  const chain = middlewares === undefined ? undefined : chainOfNames(middlewares, place, registry);
  const headers = headersOf(value, place);
  return {
    settings: {
      ...given("audience", audience ?? (chain && chainAudience(chain, place))),
      ...(authentication ?? (chain === undefined ? {} : chainAuthentication(chain, place))),
      ...given("rateLimit", rateLimit ?? (chain && chainRateLimit(chain, place))),
      headers: chain === undefined ? headers : chainHeaders(chain, place),
    },
    redirects: redirectOf(value, place) ?? (chain && chainRedirect(chain)),
    terminatesTls: servesTls(value),
  };
}

/** Traefik's middlewares, by their names in the cluster; those that are not among the files leave all in doubt. */
function chainOfNames(text: string, place: Place, registry: Registry | undefined): Chain {
  if (registry === undefined) return hiddenChain(`the middlewares ${text} decide`, place);
  const names = text.split(",").map((name) => name.trim());
  const items = names.filter((name) => name !== "").map((name) => ({ text: name, place }));
  return chainOf({ items }, "kubernetescrd", registry);
}

/** The programs that read annotations of each prefix; another lets them lie. */
const readers: Readonly<Record<string, ControllerName>> = {
  "nginx.ingress.kubernetes.io": "ingress-nginx",
  "traefik.ingress.kubernetes.io": "traefik",
  "haproxy.org": "haproxy",
  "haproxy-ingress.github.io": "haproxy",
  "alb.ingress.kubernetes.io": "cloud",
  "networking.gke.io": "cloud",
  "ingress.gcp.kubernetes.io": "cloud",
};

function isHeeded(name: string, controller: ControllerName | undefined): boolean {
  return controller === undefined || readers[name.split("/")[0] ?? ""] === controller;
}

type Lookup = (...names: string[]) => string | undefined;

function given<K extends string, T>(key: K, fact: T | undefined): Partial<Record<K, T>> {
  return fact === undefined ? {} : ({ [key]: fact } as Partial<Record<K, T>>);
}

const nginx = "nginx.ingress.kubernetes.io";

function audienceOf(value: Lookup, place: Place): Fact<Audience> | undefined {
  const listed = value(
    `${nginx}/whitelist-source-range`,
    `${nginx}/allowlist-source-range`,
    "haproxy.org/allow-list",
    "haproxy.org/whitelist",
    "haproxy-ingress.github.io/allowlist-source-range",
    "haproxy-ingress.github.io/whitelist-source-range",
    "alb.ingress.kubernetes.io/inbound-cidrs",
  );
  if (listed === undefined) return undefined;
  const cidrs = listed.split(/[\s,]+/).filter((each) => each !== "");
  return cidrs.length === 0 ? undefined : stated({ kind: "networks", cidrs }, place);
}

/** A second service that is asked (`auth-url`) decides for itself whom it lets in, and how they show it. */
function authenticationOf(
  value: Lookup,
  place: Place,
): Pick<RouteSettings, "authentication" | "delegation"> | undefined {
  const url = value(`${nginx}/auth-url`, "haproxy-ingress.github.io/auth-url", "haproxy.org/auth-url");
  const type = value(`${nginx}/auth-type`, "haproxy.org/auth-type", "haproxy-ingress.github.io/auth-type");
  const own =
    /^(?:basic|digest|basic-auth)$/.test(type ?? "") || value(`${nginx}/auth-tls-secret`) !== undefined
      ? stated<SignIn>("single-factor", place)
      : undefined;
  if (url === undefined) return own && { authentication: own };
  const asked = { by: "auth-url", address: askedAddress(url, place), place };
  return delegated([asked], own ?? unstated(place));
}

function rateLimitOf(value: Lookup, place: Place): Fact<RateLimit | "none"> | undefined {
  const perSecond = value(
    `${nginx}/limit-rps`,
    "haproxy-ingress.github.io/limit-rps",
    "haproxy.org/rate-limit-requests",
  );
  const perMinute = value(`${nginx}/limit-rpm`);
  const text = perSecond ?? perMinute;
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text.trim())) return unknown("the rate limit is no number", place);
  const requests = Number(text);
  return stated(requests === 0 ? "none" : { requests, windowSeconds: perSecond === undefined ? 60 : 1 }, place);
}

function redirectOf(value: Lookup, place: Place): Fact<boolean> | undefined {
  const forced = value(`${nginx}/force-ssl-redirect`);
  if (forced === "true") return stated(true, place);
  const redirect = value(`${nginx}/ssl-redirect`, "haproxy.org/ssl-redirect", "haproxy-ingress.github.io/ssl-redirect");
  if (redirect === "true" || redirect === "false") return stated(redirect === "true", place);
  return value("alb.ingress.kubernetes.io/ssl-redirect") === undefined ? undefined : stated(true, place);
}

function servesTls(value: Lookup): boolean {
  return (
    value("traefik.ingress.kubernetes.io/router.tls") === "true" ||
    value(
      "alb.ingress.kubernetes.io/certificate-arn",
      "networking.gke.io/managed-certificates",
      "ingress.gcp.kubernetes.io/pre-shared-cert",
      "traefik.ingress.kubernetes.io/router.tls.certresolver",
    ) !== undefined
  );
}

/** `more_set_headers "Name: value"`, and nginx's own `add_header Name "value"`, in a snippet. */
const headerLine =
  /^[ \t]*(?:more_set_headers[ \t]+["']([A-Za-z-]+):[ \t]*([^"'\n]*)["']|add_header[ \t]+([A-Za-z-]+)[ \t]+["']?([^"';\n]*)["']?)/gm;

function headersOf(value: Lookup, place: Place): FactList<Header> {
  const snippet = value(`${nginx}/configuration-snippet`) ?? "";
  const headers = [...snippet.matchAll(headerLine)].map((match): Header => {
    const name = (match[1] ?? match[3] ?? "").toLowerCase();
    return { name, value: (match[2] ?? match[4] ?? "").trim(), place };
  });
  const custom = value(`${nginx}/custom-headers`);
  const open = custom === undefined ? undefined : `the headers of ${custom} are not followed`;
  return open === undefined ? complete(headers, place) : incomplete(headers, open, place);
}
