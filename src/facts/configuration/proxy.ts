import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { Delegation } from "../sign-in.ts";

/** What the configurations of Caddy, nginx and Traefik have in common. */
export interface ProxySettings {
  /** Ways to tell the proxy what to do, or to have it tell about itself. Those that are switched off are not in it. */
  readonly doors: FactList<ProxyDoor>;
  /** Whose word on a client's address is taken, where another proxy stands in front. */
  readonly trustedForwarders: Fact<TrustedForwarders>;
  /** Upstreams that are spoken to over TLS without a look at their certificate, by what people call them. */
  readonly unverifiedUpstreams: FactList<UnverifiedUpstream>;
  /** Folders whose content is listed for everybody, by the site and path. */
  readonly listings: FactList<Named>;
  /** Files of the repository that nobody means to publish (`.env`, `.git/config`) and that a site serves, by their path. */
  readonly servedSecrets: FactList<ServedSecret>;
  /** Whether requests are logged. */
  readonly accessLog: Fact<boolean>;
}

export interface Named {
  readonly name: string;
  readonly place: Place;
}

export interface ServedSecret extends Named {
  /** Of the site; absent where they are not looked for. */
  readonly ports?: Fact<readonly number[]>;
}

export interface UnverifiedUpstream extends Named {
  /** Nobody turned the verification off: the program does not verify unless it is told to. */
  readonly byDefault: boolean;
}

/** `nobody`: the address of the connection counts. */
export type TrustedForwarders = "nobody" | "everybody" | readonly string[];

export interface ProxyDoor {
  /** `the admin API`, `the dashboard and API`, `the status page`. */
  readonly name: string;
  /** What whoever comes in may do: change what the proxy does, read how it is set up, or look at figures. */
  readonly allows: "orders" | "reading" | "figures";
  /** How far it can be reached by its binding alone, in the network namespace that the proxy runs in. */
  readonly reach: Fact<DoorReach>;
  /** Whether it asks who comes. */
  readonly signIn: Fact<boolean>;
  /** Where others decide that: whom the proxy asks, for what host and path. */
  readonly delegation?: Delegation;
  readonly host?: Fact<string>;
  /** The ports that it answers on; absent where they are not looked for. */
  readonly ports?: Fact<readonly number[]>;
  readonly place: Place;
}

/** `inside`: by all who share the cluster with it, and by nobody else. */
export type DoorReach = "loopback" | "one-address" | "inside" | "everywhere" | "socket";
