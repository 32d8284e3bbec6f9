import { knownValue } from "../../../../facts/fact.ts";
import { tlsFact, tlsSource } from "../../../../formats/traefik/encryption.ts";
import {
  audienceOf,
  authenticationOf,
  headersOf,
  rateLimitOf,
  redirectOf,
} from "../../../../formats/traefik/middlewares.ts";
import { flagFact, option } from "../../../../formats/traefik/options.ts";
import { type Defined, Registry } from "../../../../formats/traefik/registry.ts";
import { servedRouter } from "../../../../formats/traefik/served-router.ts";
import type { TraefikStatic } from "../../../../formats/traefik/static.ts";
import type { MappingEntry, MappingNode, TreeNode } from "../../../../formats/tree.ts";
import type { Place } from "../../../../lib/place.ts";
import { type Labels, whyOpen } from "../labels.ts";
import type { RouteSettings } from "./route.ts";

const prefix = "traefik.ingress.kubernetes.io/router.";

/**
 * What a Traefik whose own configuration is seen does for an Ingress: its entry points with what they put before every
 * router, and the annotations. A certificate that the Ingress names does not switch TLS on. Undefined where that
 * configuration is not seen, or reads no Ingresses.
 *
 * Source: Traefik 3.7, "Kubernetes Ingress" ("Enabling TLS via HTTP options on entry point", "… via annotations").
 */
export function traefikIngressSettings(
  annotations: Labels,
  place: Place,
  settings: TraefikStatic,
  registry: Registry = new Registry([]),
): RouteSettings | undefined {
  const provider = option(settings.root, "providers", "kubernetesIngress");
  if (provider === undefined || knownValue(flagFact(provider, place)) === false) return undefined;
  const router = routerOf(annotations, place);
  const { served, chain } = servedRouter(router, { settings, registry }, "http");
  const source = tlsSource(router, served);
  const redirects = redirectOf(chain) ?? everyRedirect(settings);
  return {
    tls: tlsFact(source, router, registry, true),
    ...(redirects === undefined || source === "off" ? {} : { redirectsToTls: redirects }),
    audience: audienceOf(chain, place),
    ...authenticationOf(chain, place),
    rateLimit: rateLimitOf(chain, place),
    headers: headersOf(chain, place),
  };
}

/** The redirect of the entry points without TLS, where each of them has one; another Ingress may answer on one without. */
function everyRedirect({ entryPoints }: TraefikStatic): RouteSettings["redirectsToTls"] {
  const plain = entryPoints.filter(({ tls, isUdp, name }) => tls === undefined && !isUdp && name !== "traefik");
  return plain.every(({ redirectsToTls }) => knownValue(redirectsToTls) === true)
    ? plain[0]?.redirectsToTls
    : undefined;
}

function routerOf(annotations: Labels, place: Place): Defined {
  const { values, unresolved } = annotations;
  const read = (name: string): TreeNode | undefined => annotationNode(annotations, `${prefix}${name}`, place);
  const options = ["tls.options", "tls.certresolver"].filter(
    (name) => values.has(`${prefix}${name}`) || unresolved.has(`${prefix}${name}`),
  );
  const tls = mapping(place, {
    options: options.includes("tls.options") ? read("tls.options") : undefined,
    certResolver: options.includes("tls.certresolver") ? read("tls.certresolver") : undefined,
  });
  const isOn = values.get(`${prefix}tls`) === "true" || options.length > 0;
  const isOff = values.has(`${prefix}tls`) && !isOn;
  const node = mapping(place, {
    entryPoints: read("entrypoints"),
    middlewares: read("middlewares"),
    tls: isOn ? tls : isOff ? undefined : read("tls"),
  });
  return { name: "", provider: "kubernetescrd", node, owner: undefined, place };
}

/** An annotation as a text, or as one that is not resolved; undefined where it is absent for certain. */
function annotationNode(annotations: Labels, name: string, place: Place): TreeNode | undefined {
  const value = annotations.values.get(name);
  if (value !== undefined) return { kind: "scalar", value, place };
  const why = whyOpen(annotations, name);
  return why === undefined ? undefined : { kind: "scalar", value: "", unresolved: why, place };
}

function mapping(place: Place, members: Readonly<Record<string, TreeNode | undefined>>): MappingNode {
  const entries = new Map<string, MappingEntry>();
  for (const [key, value] of Object.entries(members))
    if (value !== undefined) entries.set(key, { key, keyPlace: place, value });
  return { kind: "mapping", entries, place };
}
