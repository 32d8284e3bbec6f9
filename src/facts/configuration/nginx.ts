import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { Named, ProxySettings } from "./proxy.ts";

/** nginx's configuration: `nginx.conf` with what it includes, or a file that an image's own `nginx.conf` includes. */
export interface NginxConfiguration extends ProxySettings {
  readonly software: "nginx";
  /** Whether answers tell the version (`server_tokens`). */
  readonly tellsVersion: Fact<boolean>;
  /** Locations whose `alias` lets a request climb out of the folder, by the location. */
  readonly climbableAliases: FactList<ClimbableAlias>;
}

export interface ClimbableAlias extends Named {
  /** Where the location begins. */
  readonly location: Place;
  /** Whether a slash at its end would leave it a location of its own, with those that are in it. */
  readonly hasRoomForSlash: boolean;
  /** Of the site. */
  readonly ports: Fact<readonly number[]>;
}
