/** Ways in through a proxy. */
import type { Place } from "../lib/place.ts";
import type { Fact, FactList } from "./fact.ts";
import type { Delegation, SignIn } from "./sign-in.ts";
import type { Ref, Subject } from "./subject.ts";
import type { Audience } from "./subjects-network.ts";

export interface RateLimit {
  readonly requests: number;
  readonly windowSeconds: number;
}

export interface ResponseHeader {
  /** In lower case. */
  readonly name: string;
  /** `null` when it is removed. */
  readonly value: string | null;
  /** Why it is removed, where nobody asked for that: a clause. */
  readonly because?: string;
  readonly place: Place;
}

/** A way in through a proxy: a host name and path that lead to a workload. */
export interface Route extends Subject<"route"> {
  /** The workload whose own labels ask for the route: known even where the target's port is not. */
  readonly owner?: Ref<"workload">;
  /** True where that workload is what the route leads to for certain, and the target's port alone is not known. */
  readonly leadsToOwner?: true;
  readonly host: Fact<string>;
  readonly path: Fact<string>;
  readonly edge: Ref<"workload"> | undefined;
  /** `tcp`: connections are handed on as they are, and no HTTP is looked at. Default: `http`. */
  readonly transport?: "http" | "tcp";
  /** Ports of the edge on which it answers, where they are known. */
  readonly edgePorts?: FactList<number>;
  /**
   * True where all that the proxy does with a written route was read, so that what is absent is absent. Labels alone do
   * not show what the proxy's own configuration adds; declared and measured routes are always whole.
   */
  readonly whole?: boolean;
  /**
   * Of a route that an object asks a proxy for: whether that proxy's own configuration adds nothing to what is stated for
   * it, or may (a clause says what is not seen). Absent where nothing is known of that.
   */
  readonly addition?: "none" | { readonly unseen: string };
  /**
   * The proxy is no part of the system, and is judged where its file is read as a whole: here the route only tells who
   * gets in.
   */
  readonly elsewhere?: true;
  /**
   * Who takes the requests on the internet and hands them to the proxy through a tunnel that the proxy opened
   * (`Cloudflare`): visitors come though nothing is published, and what is done with TLS, headers and limits is done there.
   */
  readonly relay?: string;
  /** `unstated` where it leads to no workload of the system: to files, or to an address elsewhere. */
  readonly target: Fact<{ readonly workload: Ref<"workload">; readonly port: number }>;
  readonly audience: Fact<Audience>;
  readonly tls: Fact<{ readonly minimum: "1.0" | "1.1" | "1.2" | "1.3" } | "none">;
  /** Also true where plain HTTP is not answered at all. */
  readonly redirectsToTls: Fact<boolean>;
  readonly rateLimit: Fact<RateLimit | "none">;
  readonly loginRateLimit: Fact<RateLimit | "none">;
  readonly authentication: Fact<SignIn>;
  /**
   * Whether a bouncer of an intrusion engine turns banned addresses away: before anything else decides (`first`), or
   * only behind a sign-in, which they can go on trying (`late`). Absent where the proxy's reader does not look for one.
   */
  readonly screening?: Fact<"first" | "late">;
  /** Whom the proxy asks about each request, where it has others decide; `authentication` is what that comes to. */
  readonly delegation?: Delegation;
  /** Response headers as they leave the proxy, names in lower case. `null`: removed. */
  readonly headers: FactList<ResponseHeader>;
}
