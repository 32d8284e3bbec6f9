import { complete, type Fact, type FactList, incomplete, stated, unknown, unstated } from "../../../../facts/fact.ts";
import type { AskedService, SignIn } from "../../../../facts/sign-in.ts";
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
  const said = new Said(annotations, controller);
  const audience = audienceOf(said, place);
  const authentication = authenticationOf(said, place);
  const rateLimit = rateLimitOf(said, place);
  const chain = chainIn(said, place, registry);
  const headers = headersOf(said, place);
  return {
    settings: {
      ...given("audience", audience ?? (chain && chainAudience(chain, place))),
      ...(authentication ?? (chain === undefined ? {} : chainAuthentication(chain, place))),
      ...given("rateLimit", rateLimit ?? (chain && chainRateLimit(chain, place))),
      headers: chain === undefined ? headers : chainHeaders(chain, place),
    },
    redirects: redirectOf(said, place) ?? (chain && chainRedirect(chain)),
    terminatesTls: servesTls(said),
  };
}

function chainIn(said: Said, place: Place, registry: Registry | undefined): Chain | undefined {
  const name = "traefik.ingress.kubernetes.io/router.middlewares";
  const middlewares = said.text(name);
  if (middlewares !== undefined) return chainOfNames(middlewares, place, registry);
  const why = said.why(name);
  return why === undefined ? undefined : hiddenChain(why, place);
}

/** Traefik's middlewares, by their names in the cluster; those that are not among the files leave all in doubt. */
function chainOfNames(text: string, place: Place, registry: Registry | undefined): Chain {
  if (registry === undefined) return hiddenChain(`the middlewares ${text} decide`, place);
  const names = text.split(",").map((name) => name.trim());
  const items = names.filter((name) => name !== "").map((name) => ({ text: name, place }));
  return chainOf({ items }, "kubernetescrd", registry);
}

/** The programs that read annotations of each prefix; another lets them lie. */
const readers: ReadonlyMap<string, ControllerName> = new Map([
  ["nginx.ingress.kubernetes.io", "ingress-nginx"],
  ["traefik.ingress.kubernetes.io", "traefik"],
  ["haproxy.org", "haproxy"],
  ["haproxy-ingress.github.io", "haproxy"],
  ["alb.ingress.kubernetes.io", "cloud"],
  ["networking.gke.io", "cloud"],
  ["ingress.gcp.kubernetes.io", "cloud"],
]);

/** The annotations that the program which serves an Ingress reads. */
class Said {
  readonly #annotations: Labels;
  readonly #controller: ControllerName | undefined;

  constructor(annotations: Labels, controller: ControllerName | undefined) {
    this.#annotations = annotations;
    this.#controller = controller;
  }

  /** The first of these that is there and resolved. */
  text(...names: readonly string[]): string | undefined {
    return this.#heeded(names, this.#annotations.values);
  }

  /** Why one of these may say something all the same. */
  why(...names: readonly string[]): string | undefined {
    return this.#heeded(names, this.#annotations.unresolved) ?? this.hidden;
  }

  /** Why there may be any. */
  get hidden(): string | undefined {
    return this.#annotations.hidden;
  }

  #heeded(names: readonly string[], among: ReadonlyMap<string, string>): string | undefined {
    const found = names.find((name) => among.has(name) && this.#isHeeded(name));
    return found === undefined ? undefined : among.get(found);
  }

  #isHeeded(name: string): boolean {
    return this.#controller === undefined || readers.get(name.split("/")[0] ?? "") === this.#controller;
  }
}

function given<K extends string, T>(key: K, fact: T | undefined): Partial<Record<K, T>> {
  return fact === undefined ? {} : ({ [key]: fact } as Partial<Record<K, T>>);
}

const nginx = "nginx.ingress.kubernetes.io";

const allowLists = [
  `${nginx}/whitelist-source-range`,
  `${nginx}/allowlist-source-range`,
  "haproxy.org/allow-list",
  "haproxy.org/whitelist",
  "haproxy-ingress.github.io/allowlist-source-range",
  "haproxy-ingress.github.io/whitelist-source-range",
  "alb.ingress.kubernetes.io/inbound-cidrs",
];

function audienceOf(said: Said, place: Place): Fact<Audience> | undefined {
  const listed = said.text(...allowLists);
  if (listed === undefined) return openFact(said.why(...allowLists), place);
  const cidrs = listed.split(/[\s,]+/).filter((each) => each !== "");
  return cidrs.length === 0 ? undefined : stated({ kind: "networks", cidrs }, place);
}

function openFact(why: string | undefined, place: Place): Fact<never> | undefined {
  return why === undefined ? undefined : unknown(why, place);
}

const urls = [`${nginx}/auth-url`, "haproxy-ingress.github.io/auth-url", "haproxy.org/auth-url"];

/** A second service that is asked (`auth-url`) decides for itself whom it lets in, and how they show it. */
function authenticationOf(said: Said, place: Place): Pick<RouteSettings, "authentication" | "delegation"> | undefined {
  const url = said.text(...urls);
  const own = ownSignIn(said, place);
  const why = url === undefined && said.hidden === undefined ? said.why(...urls) : undefined;
  if (url === undefined && why === undefined) return own && { authentication: own };
  const address: AskedService["address"] =
    url === undefined ? unknown(why ?? "it is not resolved", place) : askedAddress(url, place);
  return delegated([{ by: "auth-url", address, place }], own ?? unstated(place));
}

const types = [`${nginx}/auth-type`, "haproxy.org/auth-type", "haproxy-ingress.github.io/auth-type"];
const clients = [`${nginx}/auth-tls-secret`, `${nginx}/auth-tls-verify-client`];

/** A password, or a certificate of the client's that is not left to its will. */
function ownSignIn(said: Said, place: Place): Fact<SignIn> | undefined {
  const [secret, verify] = clients.map((name) => said.text(name));
  const isAsked = secret !== undefined && (verify ?? "on") === "on" && said.why(...clients) === undefined;
  if (isAsked || /^(?:basic|digest|basic-auth)$/.test(said.text(...types) ?? ""))
    return stated<SignIn>("single-factor", place);
  return openFact(said.why(...types, ...clients), place);
}

const perSecondNames = [`${nginx}/limit-rps`, "haproxy-ingress.github.io/limit-rps", "haproxy.org/rate-limit-requests"];

function rateLimitOf(said: Said, place: Place): Fact<RateLimit | "none"> | undefined {
  const perSecond = said.text(...perSecondNames);
  const text = perSecond ?? said.text(`${nginx}/limit-rpm`);
  if (text === undefined) return openFact(said.why(...perSecondNames, `${nginx}/limit-rpm`), place);
  if (!/^\d{1,9}$/.test(text.trim())) return unknown("the rate limit is no number", place);
  const requests = Number(text);
  return stated(requests === 0 ? "none" : { requests, windowSeconds: perSecond === undefined ? 60 : 1 }, place);
}

const redirects = [`${nginx}/ssl-redirect`, "haproxy.org/ssl-redirect", "haproxy-ingress.github.io/ssl-redirect"];

function redirectOf(said: Said, place: Place): Fact<boolean> | undefined {
  const forced = `${nginx}/force-ssl-redirect`;
  if (said.text(forced) === "true") return stated(true, place);
  const why = said.why(forced, ...redirects);
  if (why !== undefined) return unknown(why, place);
  const redirect = said.text(...redirects);
  if (redirect === "true" || redirect === "false") return stated(redirect === "true", place);
  return said.text("alb.ingress.kubernetes.io/ssl-redirect") === undefined ? undefined : stated(true, place);
}

function servesTls(said: Said): boolean {
  return (
    said.text("traefik.ingress.kubernetes.io/router.tls") === "true" ||
    said.text(
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

function headersOf(said: Said, place: Place): FactList<Header> {
  const snippet = said.text(`${nginx}/configuration-snippet`) ?? "";
  const headers = [...snippet.matchAll(headerLine)].map((match): Header => {
    const name = (match[1] ?? match[3] ?? "").toLowerCase();
    return { name, value: (match[2] ?? match[4] ?? "").trim(), place };
  });
  const custom = said.text(`${nginx}/custom-headers`);
  const open =
    custom === undefined
      ? said.why(`${nginx}/configuration-snippet`, `${nginx}/custom-headers`)
      : `the headers of ${custom} are not followed`;
  return open === undefined ? complete(headers, place) : incomplete(headers, open, place);
}
