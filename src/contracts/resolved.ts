/** The resolved stack: a declaration with every default, component and subnet filled in. What platforms turn into resources. */

import type { Audience, PlatformName, RateLimit } from "../facts/subjects.ts";
import type { Place } from "../lib/place.ts";
import type { ReloadChoice, RotatorChoice } from "../stack/rotator-schema.ts";
import type { StoreChoice } from "../stack/store-schema.ts";
import type { ComponentName, ExternalAccess, RotationPolicy, SecretKind } from "../stack/vocabulary.ts";

/** A file that a component needs beside the platform's own, rendered from the stack. */
export interface ConfigFile {
  /** Relative to the rendered folder, with `/`. */
  readonly path: string;
  readonly content: string;
  /** Where it is mounted, read-only. */
  readonly target: string;
}

export interface ResolvedStack {
  readonly name: string;
  readonly domain: string;
  readonly platform: PlatformName;
  readonly operators: readonly string[];
  readonly zones: readonly ResolvedZone[];
  readonly networks: readonly ResolvedNetwork[];
  readonly services: readonly ResolvedService[];
  readonly routes: readonly ResolvedRoute[];
  readonly secrets: readonly ResolvedSecret[];
  /** Where their values live; age files beside the stack when absent. */
  readonly store?: StoreChoice;
  readonly exceptions: readonly DeclaredException[];
  readonly policies: ResolvedPolicies;
  readonly rotation: ResolvedRotation;
  readonly backups: ResolvedBackups | undefined;
  readonly monitoring: {
    readonly scrapeIntervalSeconds: number;
    readonly retentionDays: number;
    readonly alertReceivers: readonly AlertReceiver[];
  };
  /** What is not yet settled (domain still the example's, image without digest): shown by `plan`, not findings. */
  readonly todos: readonly string[];
  readonly place: Place;
}

/** `firewall`: `up` may close the host's own listeners to the stack's networks; `open`: it leaves the firewall alone. */
export interface ResolvedPolicies {
  readonly hostAccess: "open" | "firewall";
}

/** When secrets are replaced unasked. */
export interface ResolvedRotation {
  /** `Fri 18:00-Mon 06:00`, `12-20..01-03`: nothing is rotated then. */
  readonly blackout: readonly string[];
  /** How much earlier than due a secret may be taken. */
  readonly jitterSeconds: number;
  /** An IANA name; the clock that `blackout` is told by. */
  readonly timezone: string;
}

export interface ResolvedBackups {
  /** `@hourly`, `@daily`, `@weekly`. */
  readonly schedule: string;
  readonly keepDays: number;
}

/** Exactly one of the two addresses is set; a URL that holds a token is a secret. */
export interface AlertReceiver {
  readonly name: string;
  readonly webhookUrl?: string;
  /** The secret whose value is the URL. */
  readonly webhookSecret?: string;
}

export interface ResolvedZone {
  readonly name: string;
  readonly purpose: string;
  readonly cidr: string;
  readonly external: ExternalAccess;
  readonly place: Place;
}

/** One network to make. Every pair of services that may talk shares one; nothing else does. */
export interface ResolvedNetwork {
  readonly name: string;
  readonly zone: string | undefined;
  readonly cidr: string;
  /** No way to outside. */
  readonly internal: boolean;
  /**
   * `pair`: two services that talk. `zone`: everyone of a zone with `members: all`. `ingress`: one service that
   * publishes ports. `outbound`: one service that may call out. `alone`: one service that talks to nobody.
   */
  readonly kind: "pair" | "zone" | "ingress" | "outbound" | "alone";
  /** Whether its members may open connections to outside; false for an `ingress` network of a service that may not. */
  readonly outbound: boolean;
  /** Why it exists, as a sentence: `api talks to db on 5432`. */
  readonly purpose: string;
  readonly members: readonly string[];
}

export interface ResolvedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Set when it is published on the host. */
  readonly published?: { readonly address: string; readonly port: number; readonly reason: string };
}

export interface TalksTo {
  readonly service: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Where it follows from: a declaration, a route, a scrape. */
  readonly because: string;
}

export interface ResolvedVolume {
  readonly name: string;
  readonly target: string;
  readonly uid: number;
  readonly gid: number;
  /** Octal as a number. */
  readonly mode: number;
  readonly backup: boolean;
}

export interface ResolvedHostMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Mount propagation, where it is not the platform's default. */
  readonly propagation?: "rslave";
  readonly reason: string;
}

export interface ResolvedSecretUse {
  readonly secret: string;
  readonly delivery: "file" | "environment";
  /** Path in the container, or the variable's name. */
  readonly target: string;
  readonly uid: number;
  readonly gid: number;
  /** Octal as a number. */
  readonly mode: number;
  /** Text around the value, `{value}` standing for it and `{user}` for its account; undefined for the bare value. */
  readonly template: string | undefined;
  /** Why it is delivered in the environment; undefined for a file. */
  readonly reason?: string;
}

export interface ResolvedService {
  readonly name: string;
  readonly component: ComponentName | undefined;
  readonly roles: readonly string[];
  readonly zones: readonly string[];
  readonly networks: readonly string[];
  readonly image: {
    readonly repository: string;
    readonly tag: string | undefined;
    readonly digest: string | undefined;
    /** Set when `images:` replaced the upstream image: what it stands in for. */
    readonly standsInFor: string | undefined;
  };
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly uid: number;
  readonly gid: number;
  readonly readOnlyRoot: boolean;
  readonly capabilities: readonly string[];
  readonly writable: readonly string[];
  readonly ports: readonly ResolvedPort[];
  readonly talksTo: readonly TalksTo[];
  /** Whether it may open connections to outside. */
  readonly outbound: boolean;
  readonly volumes: readonly ResolvedVolume[];
  readonly hostMounts: readonly ResolvedHostMount[];
  readonly secrets: readonly ResolvedSecretUse[];
  readonly config: readonly ConfigFile[];
  readonly resources: { readonly cpus: number; readonly memoryBytes: number; readonly pids: number };
  readonly health: readonly string[] | undefined;
  /** How it takes a secret that changed while it runs. */
  readonly reload: ReloadChoice;
  readonly restart: "always" | "unless-stopped" | "on-failure" | "no";
  readonly isolation: "container" | "vm";
  readonly dependsOn: readonly string[];
  readonly scrape: { readonly port: number; readonly path: string } | undefined;
  /** What `settings:` holds, as the component's schema read it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What of the declaration cannot be had with this component's image, as sentences. */
  readonly gaps: readonly string[];
  readonly place: Place;
}

export interface ResolvedRoute {
  readonly host: string;
  readonly path: string;
  readonly edge: string;
  readonly service: string;
  readonly port: number;
  readonly audience: Audience;
  readonly authentication: "none" | "application";
  readonly rateLimit: RateLimit | undefined;
  readonly loginRateLimit: RateLimit | undefined;
  readonly loginPaths: readonly string[];
  /** The largest request body that the edge lets through. */
  readonly maxBodyBytes: number;
  readonly hsts: { readonly maxAgeSeconds: number; readonly includeSubDomains: boolean; readonly preload: boolean };
  readonly place: Place;
}

export interface ResolvedSecret {
  readonly name: string;
  readonly kind: SecretKind;
  readonly length: number;
  readonly rotation: RotationPolicy;
  /** False for one that a person brings. A derived secret is neither: it follows from others. */
  readonly generated: boolean;
  /** Names that the certificate of a `tls-self-signed` secret is for; empty for other kinds. */
  readonly names: readonly string[];
  /** Set when the value is made of other secrets each time that it is delivered; no store has it. */
  readonly derived?: SecretDerivation;
  /** How it is rotated, where the declaration says so; otherwise the issuing component's rotator, or none. */
  readonly rotator?: RotatorChoice;
  /** Seconds that the old value goes on working for users outside the stack. 0: it is revoked in the same operation. */
  readonly overlapSeconds: number;
  /** The service of the stack that issues it, and the account there whose secret it is. */
  readonly issuedBy?: SecretIssuer;
  /** What it is for, when a component asks for it. */
  readonly purpose: string | undefined;
  readonly place: Place;
}

/** `{user}` in a template stands for the account that is in turn, which begins as `account`. */
export interface SecretIssuer {
  readonly service: string;
  readonly account: string;
}

/** A Mosquitto password file with one line for each user, made of the users' own secrets. */
export interface SecretDerivation {
  readonly format: "mosquitto-passwd";
  readonly entries: readonly { readonly user: string; readonly secret: string }[];
}

export interface DeclaredException {
  readonly control: string;
  readonly subject: string | undefined;
  /** The one system that it is for; in every system that was checked when absent. */
  readonly system?: string;
  /** The folder whose findings alone it is for, as what was checked names it; any folder when absent. */
  readonly folder?: string;
  /** True where everything that it can be for is judged: then it is told when it waives nothing. */
  readonly toldUnused?: true;
  readonly reason: string;
  readonly owner: string;
  readonly until: string | undefined;
  readonly place: Place;
}
