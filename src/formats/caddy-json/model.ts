/**
 * Caddy's configuration as its own JSON has it, as far as facts are made of it. Both the reader of that JSON and the
 * adapter of Caddyfiles make this, so that what a Caddyfile means is told in one place.
 * Source: caddyserver.com/docs/json, Caddy 2.11.
 */
import type { Place } from "../../lib/place.ts";

/** A text of the configuration; `unresolved` says why it is not the last word (an environment variable). */
export interface CaddyText {
  readonly text: string;
  readonly unresolved?: string;
  readonly place: Place;
}

export interface CaddyConfig {
  readonly admin: CaddyAdmin;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly servers: readonly CaddyServer[];
  /** Whether any log of requests is kept, by any server. */
  readonly accessLog: boolean;
  /** Why servers, routes or settings may be missing: an import that is not in this folder. */
  readonly incomplete?: string;
  readonly place: Place;
}

export interface CaddyAdmin {
  readonly disabled: boolean;
  /** As written: `:2019`, `unix//run/admin.sock`; undefined for the default. */
  readonly listen?: CaddyText;
  readonly place: Place;
}

export interface CaddyServer {
  /** `:443`, `127.0.0.1:8080`, `unix//run/x.sock`. */
  readonly listen: readonly CaddyText[];
  readonly routes: readonly CaddyRoute[];
  readonly namedRoutes: ReadonlyMap<string, CaddyRoute>;
  /** Undefined when none is written: then automatic HTTPS decides. */
  readonly tlsPolicies: readonly TlsPolicy[] | undefined;
  readonly automaticHttps: {
    readonly disabled: boolean;
    readonly redirectsDisabled: boolean;
    readonly skip: ReadonlySet<string>;
    /** Why the switches above cannot be told. */
    readonly doubt?: string;
  };
  /** Proxies in front whose word on the client's address is taken; undefined when nobody's is. */
  readonly trustedProxies: TrustedProxies | undefined;
  readonly place: Place;
}

export interface TrustedProxies {
  /** Undefined when a module other than `static` tells them. */
  readonly ranges: readonly CaddyText[] | undefined;
  readonly place: Place;
}

export interface TlsPolicy {
  /** The names that it is for; empty for all. */
  readonly names: readonly string[];
  readonly minimum: "1.2" | "1.3";
  /** Whether a client must show a certificate. */
  readonly clientCertificate: boolean;
  readonly place: Place;
}

/** Handlers for the requests that match one of the sets; no set matches everything. */
export interface CaddyRoute {
  /** Of several routes of one group only the first that matches is taken. */
  readonly group?: string;
  readonly matcherSets: readonly MatcherSet[];
  readonly handlers: readonly CaddyHandler[];
  /** Whether no later route is tried once it matched. */
  readonly terminal: boolean;
  readonly place: Place;
}

/** Matchers that must all match. */
export interface MatcherSet {
  readonly hosts?: readonly CaddyText[];
  readonly paths?: readonly CaddyText[];
  /** Ranges that the client's address must lie in. */
  readonly clientRanges?: readonly CaddyText[];
  /** Ranges that the address of the connection's other end must lie in. */
  readonly remoteRanges?: readonly CaddyText[];
  /** None of these may match. */
  readonly not: readonly MatcherSet[];
  /** Names of further matchers: `method`, `expression`. */
  readonly others: readonly string[];
  /** Why it may be any matcher at all. */
  readonly doubt?: string;
}

export type CaddyHandler =
  | ProxyHandler
  | FilesHandler
  | AnswerHandler
  | HeadersHandler
  | SignInHandler
  | RateLimitHandler
  | SubrouteHandler
  | InvokeHandler
  | RootHandler
  | UnseenHandlers
  | OtherHandler;

/** `reverse_proxy` and its like. */
export interface ProxyHandler {
  readonly kind: "proxy";
  readonly upstreams: readonly CaddyText[];
  /** Why there may be others: a module finds them. */
  readonly dynamic?: string;
  readonly tls: boolean;
  /** Where the verification of the upstream's certificate is turned off. */
  readonly skipsVerification?: Place;
  /** Why it cannot be told whether it does. */
  readonly verificationDoubt?: string;
  readonly headers: readonly HeaderOperation[];
  readonly place: Place;
}

export interface FilesHandler {
  readonly kind: "files";
  /** Undefined where the folder is the one that a `root` before it names. */
  readonly root?: CaddyText;
  /** Names and paths that are not served. */
  readonly hidden: readonly CaddyText[];
  /** Where the listing of folders is turned on. */
  readonly browse?: Place;
  /** Why it may be turned on all the same. */
  readonly browseDoubt?: string;
  readonly place: Place;
}

/** `respond`, `redir`, `error`, `abort`: an answer of Caddy's own. */
export interface AnswerHandler {
  readonly kind: "answer";
  /** Undefined when a placeholder gives it. */
  readonly status: number | "abort" | undefined;
  /** Where it sends on to. */
  readonly location?: CaddyText;
  readonly place: Place;
}

export interface HeadersHandler {
  readonly kind: "headers";
  readonly operations: readonly HeaderOperation[];
  /** Whether it acts on some answers only. */
  readonly conditional: boolean;
  readonly place: Place;
}

export interface HeaderOperation {
  readonly action: "set" | "add" | "delete" | "replace";
  /** As written, without its sign. */
  readonly name: string;
  readonly value: CaddyText | undefined;
  readonly place: Place;
}

export interface SignInHandler {
  readonly kind: "sign-in";
  /** `password`: Caddy asks itself; `other`: another service or a plugin does, which `by` names. */
  readonly how: "password" | "other";
  readonly by: string;
  /** The services that are asked, each at `uri`; absent for a plugin. */
  readonly asks?: readonly CaddyText[];
  readonly uri?: CaddyText;
  readonly place: Place;
}

/** The plugin mholt/caddy-ratelimit. */
export interface RateLimitHandler {
  readonly kind: "rate-limit";
  readonly zones: readonly RateZone[];
  readonly place: Place;
}

export interface RateZone {
  readonly match: readonly MatcherSet[];
  readonly events: number | undefined;
  readonly windowSeconds: number | undefined;
  /** Whether each client is counted by itself; a key that all share stops everybody at once. */
  readonly place: Place;
}

export interface SubrouteHandler {
  readonly kind: "subroute";
  readonly routes: readonly CaddyRoute[];
  readonly place: Place;
}

export interface InvokeHandler {
  readonly kind: "invoke";
  readonly name: string;
  readonly place: Place;
}

/** Names the folder that files are served from (`root`). */
export interface RootHandler {
  readonly kind: "root";
  readonly root: CaddyText;
  readonly place: Place;
}

/** Handlers that are not seen: an import that is not in this folder. Only a Caddyfile has them. */
export interface UnseenHandlers {
  readonly kind: "unseen";
  /** A clause. */
  readonly why: string;
  readonly place: Place;
}

/** A handler that facts are not made of. */
export interface OtherHandler {
  readonly kind: "other";
  readonly name: string;
  readonly place: Place;
}
