/**
 * The programs that serve Ingresses and Gateways, by what a class names as its controller, or by the class's own name
 * where it is not among the files.
 *
 * Sources: each project's documentation of its IngressClass or GatewayClass. All of those listed take TLS 1.2 as the
 * least: Envoy since 1.22 (and with it Envoy Gateway, Cilium, Istio, Contour), ingress-nginx since 1.0, Traefik since
 * 3.0, Kong's `ssl_cipher_suite` intermediate, HAProxy's `ssl-min-ver` since 2.2.
 */
export type ControllerName =
  | "ingress-nginx"
  | "nginx"
  | "traefik"
  | "haproxy"
  | "kong"
  | "contour"
  | "cilium"
  | "istio"
  | "envoy-gateway"
  | "caddy"
  | "tailscale"
  | "cloud";

const byController: readonly (readonly [pattern: RegExp, name: ControllerName])[] = [
  [/^k8s\.io\/ingress-nginx|^k8s\.io\/.*nginx/, "ingress-nginx"],
  [/^nginx\.org\/|^gateway\.nginx\.org\//, "nginx"],
  [/traefik/, "traefik"],
  [/haproxy/, "haproxy"],
  [/konghq\.com/, "kong"],
  [/projectcontour/, "contour"],
  [/cilium/, "cilium"],
  [/istio/, "istio"],
  [/envoyproxy/, "envoy-gateway"],
  [/caddy/, "caddy"],
  [/tailscale/, "tailscale"],
  [/ingress\.k8s\.aws|gateway\.k8s\.aws|networking\.gke\.io|azure|k8s\.io\/gce/, "cloud"],
];

const byClass: readonly (readonly [pattern: RegExp, name: ControllerName])[] = [
  [/nginx/, "ingress-nginx"],
  [/traefik/, "traefik"],
  [/haproxy/, "haproxy"],
  [/kong/, "kong"],
  [/contour/, "contour"],
  [/cilium/, "cilium"],
  [/istio/, "istio"],
  [/^(?:eg|envoy)/, "envoy-gateway"],
  [/caddy/, "caddy"],
  [/tailscale/, "tailscale"],
  [/^(?:alb|gce|gke|azure)/, "cloud"],
];

/** By the controller that a class names (`k8s.io/ingress-nginx`). */
export function controllerOf(
  controller: string | undefined,
  className: string | undefined,
): ControllerName | undefined {
  const named = controller === undefined ? undefined : byController.find(([pattern]) => pattern.test(controller));
  if (named !== undefined) return named[1];
  return className === undefined ? undefined : byClass.find(([pattern]) => pattern.test(className))?.[1];
}

/** The software whose pods serve for a controller, by the names of `facts/knowledge/software.ts`. */
export const softwareOfController: Readonly<Partial<Record<ControllerName, readonly string[]>>> = {
  "ingress-nginx": ["ingress-nginx"],
  nginx: ["nginx-ingress"],
  traefik: ["traefik"],
  haproxy: ["haproxy-ingress", "haproxy"],
  kong: ["kong"],
  contour: ["envoy"],
  istio: ["istio-gateway"],
  caddy: ["caddy"],
};
