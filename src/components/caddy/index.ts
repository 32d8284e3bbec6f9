import { defineComponent } from "../define-component.ts";
import { caddyfile, metricsPort } from "./config.ts";
import { caddySettings, dnsTokenFile, tlsOf } from "./settings.ts";

const gigabyte = 1024 ** 3;

/** The edge: TLS, headers, allow-lists, limits; the only service that outside reaches by HTTP. */
export const caddy = defineComponent({
  name: "caddy",
  purpose: "Edge proxy with automatic TLS",
  roles: ["proxy"],
  image: {
    repository: "docker.io/library/caddy",
    tag: "2.11.4",
    // The image names no user and would run as root; its folders /data/caddy and /config/caddy are open to any.
    uid: 901,
    gid: 901,
    writable: ["/tmp"],
    health: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${metricsPort}/health`],
    capabilities: ["NET_BIND_SERVICE"],
    capabilitiesReason:
      "The image's program carries cap_net_bind_service=+ep, and the kernel refuses to start it where that is not in the bounding set; with no-new-privileges the process itself gets no capability.",
    citation: "caddyserver/caddy-docker 2.11/alpine/Dockerfile at 0379cde2647584e89fa3a7e9a587b3d25845f49c",
  },
  ports: [
    { name: "http", port: 80, protocol: "tcp", audience: "outside" },
    { name: "https", port: 443, protocol: "tcp", audience: "outside" },
    { name: "metrics", port: metricsPort, protocol: "tcp", audience: "declared" },
  ],
  scrape: { port: metricsPort, path: "/metrics" },
  settings: caddySettings,
  resources: { cpus: 2, memoryBytes: gigabyte, pids: 256 },
  volumes: [
    { name: "data", target: "/data", purpose: "Certificates and their keys" },
    { name: "config", target: "/config", purpose: "What Caddy keeps of its own configuration" },
  ],
  secrets: [],
  hostMounts: [],
  exceptions: [],
  secretsOf: (settings) =>
    settings.dns === undefined
      ? []
      : [
          {
            name: settings.dns.cloudflare,
            shared: true,
            kind: "external",
            target: dnsTokenFile,
            purpose: "the token that proves the domain by its DNS records",
          },
        ],
  // It loads its file again without dropping a connection, though its administration is off (2.11, SIGUSR1).
  reload: { signal: "USR1" },
  needsOutbound: (settings, domain) => tlsOf(settings, domain) === "acme",
  command: () => ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"],
  config: (settings, service, stack) => [
    { target: "/etc/caddy/Caddyfile", content: caddyfile(settings, service, stack) },
  ],
  gaps: (settings, service, stack) => {
    const gaps: string[] = [];
    const routes = stack.routes.filter((route) => route.edge === service.name);
    const limited = routes.filter((route) => route.rateLimit !== undefined || route.loginRateLimit !== undefined);
    if (!settings.rateLimitModule && limited.length > 0) {
      const hosts = [...new Set(limited.map((route) => route.host))].join(", ");
      gaps.push(
        `Rate limits on ${hosts} are not enforced: the official Caddy image lacks the module mholt/caddy-ratelimit. Build one with it and set \`rateLimitModule: true\`.`,
      );
    }
    if (tlsOf(settings, stack.domain) === "internal" && routes.length > 0) {
      gaps.push(
        "Certificates come from Caddy's own authority: browsers warn until its root is trusted on each device.",
      );
    }
    if (settings.dns !== undefined) {
      gaps.push(
        "The official Caddy image lacks the module caddy-dns/cloudflare: build one with it, or Caddy does not start.",
      );
    }
    if (settings.trustedProxies.length > 0) {
      gaps.push(
        `What ${settings.trustedProxies.join(", ")} say of a visitor's address is believed: keep those proxies yours.`,
      );
    }
    return gaps;
  },
});
