import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";

/** An address at which values are asked for. */
export interface StoreAddress {
  /** The field that it stands in: `vault.server`. */
  readonly field: string;
  /** Scheme and host alone: a path or query may hold a token. `https://vault.example.org` */
  readonly url: Fact<string>;
  /**
   * How far a request goes: it stays in the pod, in the cluster, in networks of one's own (an address or a name that is
   * not public), or leaves them. Unknown where the address is.
   */
  readonly reach: Fact<"pod" | "cluster" | "private" | "public">;
  readonly place: Place;
}

/** An object of a cluster that says where secrets are fetched from: a SecretStore and its like. */
export interface SecretStoreConfiguration {
  readonly software: "secret-store";
  /** `ClusterSecretStore onepassword`, `SecretStore media/vault`. */
  readonly object: string;
  /** `vault`, `onepassword`; undefined where it names none. */
  readonly provider: string | undefined;
  readonly addresses: FactList<StoreAddress>;
  /** Who may read through it: `every` namespace, or `some`; unstated for an object that one namespace owns. */
  readonly namespaces: Fact<"every" | "some">;
}
