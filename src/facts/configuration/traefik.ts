import type { Place } from "../../lib/place.ts";
import type { Fact } from "../fact.ts";
import type { ProxySettings } from "./proxy.ts";

/** Traefik's static configuration, from a file, arguments or variables, with the dynamic files that it names. */
export interface TraefikConfiguration extends ProxySettings {
  readonly software: "traefik";
  /** Whether containers get a route without asking for one; `unstated` without a provider of containers. */
  readonly exposedByDefault: Fact<boolean>;
  /** Whether the dashboard is served to whoever comes to port 8080, where the entry point `traefik` is unless told otherwise. */
  readonly openDashboard: Fact<boolean>;
  /** Of its options as a whole: the arguments, or all that is in the file. */
  readonly place: Place;
}
