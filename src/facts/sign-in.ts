/** What a route demands of whoever comes, and whom a proxy asks about that. */
import type { Place } from "../lib/place.ts";
import type { Fact } from "./fact.ts";
import type { Ref } from "./subjects.ts";

/**
 * `application`: the service behind it asks itself. `two-factor`: also where nobody at all is let in. `delegated`: a
 * service that is known to ask for a sign-in is asked about every request, and how much it demands is not told.
 */
export type SignIn = "none" | "application" | "single-factor" | "two-factor" | "delegated";

/** Where a proxy asks. */
export interface AskedAddress {
  /** A name or an address; `$host` for the name that the visitor asked for. */
  readonly host: string;
  readonly port: number;
  /** Begins with `/`; without a query. */
  readonly path: string;
}

/** A service that a proxy asks about every request before it lets it through (forward authentication). */
export interface AskedService {
  /** What names it in the file: `forward_auth`, `auth_request`. */
  readonly by: string;
  /** Unknown where it cannot be resolved, and where what is named there refuses nobody. */
  readonly address: Fact<AskedAddress>;
  /** The workload that answers there, where it is one of the system. */
  readonly workload?: Ref<"workload">;
  /** Whether everybody is let through while it gives no answer; absent for proxies that let nobody through then. */
  readonly failsOpen?: Fact<boolean>;
  readonly place: Place;
}

/** All that is asked on the way to one target; each of them must let a request pass. */
export interface Delegation {
  readonly asked: readonly AskedService[];
  /** What is demanded on the way besides. */
  readonly besides: Fact<SignIn>;
  /** What those that are asked say, as a clause, once it was looked up: `Authelia demands two factors`. */
  readonly says?: string;
}
