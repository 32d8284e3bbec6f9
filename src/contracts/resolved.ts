/** The resolved stack: a declaration with every default, component and subnet filled in. What platforms turn into resources. */

import type { Audience, PlatformName, RateLimit } from "../facts/subjects.ts";
import type { Place } from "../lib/place.ts";
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
  readonly exceptions: readonly DeclaredException[];
  readonly monitoring: {
    readonly scrapeIntervalSeconds: number;
    readonly retentionDays: number;
    readonly alertReceivers: readonly AlertReceiver[];
  };
  /** What is not yet settled (domain still the example's, image without digest): shown by `plan`, not findings. */
  readonly todos: readonly string[];
  readonly place: Place;
}

export interface AlertReceiver {
  readonly name: string;
  readonly webhookUrl?: string;
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
  /** Text around the value, `{value}` standing for it; undefined for the bare value. */
  readonly template: string | undefined;
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
  readonly restart: "always" | "unless-stopped" | "on-failure" | "no";
  readonly isolation: "container" | "vm";
  readonly dependsOn: readonly string[];
  readonly scrape: { readonly port: number; readonly path: string } | undefined;
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
  readonly hsts: { readonly maxAgeSeconds: number; readonly includeSubDomains: boolean; readonly preload: boolean };
  readonly place: Place;
}

export interface ResolvedSecret {
  readonly name: string;
  readonly kind: SecretKind;
  readonly length: number;
  readonly rotation: RotationPolicy;
  readonly generated: boolean;
  readonly place: Place;
}

export interface DeclaredException {
  readonly control: string;
  readonly subject: string | undefined;
  readonly reason: string;
  readonly owner: string;
  readonly until: string | undefined;
  readonly place: Place;
}
