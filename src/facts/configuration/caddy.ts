import type { ProxySettings } from "./proxy.ts";

/** A Caddyfile with what it imports, or Caddy's JSON. */
export interface CaddyConfiguration extends ProxySettings {
  readonly software: "caddy";
}
