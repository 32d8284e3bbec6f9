import type { FactList } from "../fact.ts";
import type { Named, ProxySettings } from "./proxy.ts";

/** A Caddyfile with what it imports, or Caddy's JSON. */
export interface CaddyConfiguration extends ProxySettings {
  readonly software: "caddy";
  /**
   * Conditions that compare the address of the connection (`remote_ip`) although proxies in front are trusted: to them
   * everybody has the same one.
   */
  readonly blindAllowLists: FactList<Named>;
}
