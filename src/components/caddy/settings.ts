import { z } from "zod";
import { isPrivateDomain } from "../../resolve/domains.ts";
import { cidr, name } from "../../stack/scalars.ts";

/** What `settings:` of a Caddy may hold. */
export const caddySettings = z.strictObject({
  /** `internal`: Caddy's own authority, which browsers do not know. `acme`: a public one. Follows the domain if left out. */
  tls: z.enum(["internal", "acme"]).optional(),
  /** Where the public authority writes when a certificate cannot be renewed. */
  email: z.email("expected an address such as admin@example.org").optional(),
  /** An ACME directory other than Let's Encrypt's. */
  acmeDirectory: z.url({ protocol: /^https$/, error: "expected an https address" }).optional(),
  /** How the public authority is shown that the domain is ours where port 80 cannot be reached: records made by DNS. */
  dns: z
    .strictObject({
      /** The secret with a Cloudflare token that may edit the zone. The image needs the module caddy-dns/cloudflare. */
      cloudflare: name,
    })
    .optional(),
  /** Proxies in front of this one whose word on the visitor's address is taken. */
  trustedProxies: z.array(cidr).default([]),
  /** True when the image is built with the module mholt/caddy-ratelimit. */
  rateLimitModule: z.boolean().default(false),
});

export type CaddySettings = z.output<typeof caddySettings>;

/** Where the token for DNS records lies in the container. */
export const dnsTokenFile = "/run/secrets/cloudflare-token";

/** Where certificates come from. */
export function tlsOf(settings: CaddySettings, domain: string): "internal" | "acme" {
  return settings.tls ?? (isPrivateDomain(domain) ? "internal" : "acme");
}
