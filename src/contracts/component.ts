import type { ZodType } from "zod";
import type { ReloadChoice } from "../stack/rotator-schema.ts";
import type { ComponentName, SecretKind } from "../stack/vocabulary.ts";
import type { ConfigFile, ResolvedService, ResolvedStack, SecretDerivation } from "./resolved.ts";

/** What is known of an image's insides. Every field rests on `citation`. */
export interface ImageRecord {
  /** `docker.io/library/caddy` */
  readonly repository: string;
  /** The tag that `pin` resolves to a digest; never `latest`. */
  readonly tag: string;
  /** The uid and gid that Ringwall runs it as. */
  readonly uid: number;
  readonly gid: number;
  /** Paths that it must be able to write, in memory unless a volume lies there. */
  readonly writable: readonly string[];
  /** A command inside the image that ends with 0 when the service is well. */
  readonly health: readonly string[];
  /** Capabilities that it cannot do without; empty where none. */
  readonly capabilities: readonly string[];
  /** Why each of `capabilities` is needed; empty where none is. */
  readonly capabilitiesReason: string;
  /** Where all this is written: the upstream Dockerfile at a commit, or documentation of a version. */
  readonly citation: string;
}

export interface ComponentPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Who is meant to connect: everyone in its zone, only those who declare it, or outside. */
  readonly audience: "zone" | "declared" | "outside";
}

export interface ComponentSecret {
  /** Within the service; in the stack it is `<service>-<name>`. With `shared`, the stack's own name for it. */
  readonly name: string;
  /** True when `name` names a secret of the stack, which the declaration must list unless `derived` is set. */
  readonly shared?: boolean;
  /** Set when it is made of other secrets; those need not be delivered. */
  readonly derived?: SecretDerivation;
  readonly kind: SecretKind;
  /** Path inside the container. */
  readonly target: string;
  readonly purpose: string;
}

/** A service that Ringwall knows. */
export interface Component {
  readonly name: ComponentName;
  readonly purpose: string;
  readonly roles: readonly ("proxy" | "datastore" | "monitoring" | "broker" | "identity")[];
  readonly image: ImageRecord;
  readonly ports: readonly ComponentPort[];
  /** Where its own metrics are; undefined when it has none that Prometheus reads. */
  readonly scrape: { readonly port: number; readonly path: string } | undefined;
  /** What `settings:` of such a service may hold. Reads an empty object as the defaults. */
  readonly settings: ZodType<Readonly<Record<string, unknown>>>;
  readonly resources: { readonly cpus: number; readonly memoryBytes: number; readonly pids: number };
  readonly volumes: readonly { readonly name: string; readonly target: string; readonly purpose: string }[];
  readonly secrets: readonly ComponentSecret[];
  /** Secrets that follow from the settings, beside `secrets`; and from the addresses that alerts go to. */
  secretsOf(settings: Readonly<Record<string, unknown>>, alertSecrets: readonly string[]): readonly ComponentSecret[];
  /** Accounts that it issues, each with the stack's name of its secret; `own` names one of `secrets` instead. */
  accounts(
    settings: Readonly<Record<string, unknown>>,
  ): readonly { readonly account: string; readonly secret: string; readonly own?: boolean }[];
  /** How it takes a secret that changed while it runs; `restart` when left out. */
  readonly reload?: ReloadChoice;
  /** Whether it listens on one of `ports` with these settings. */
  opens(port: string, settings: Readonly<Record<string, unknown>>): boolean;
  /** Whether its own settings make it call out (an ACME account, an image of feeds). */
  needsOutbound(settings: Readonly<Record<string, unknown>>, domain: string): boolean;
  /** Arguments after the entrypoint, from the resolved stack. */
  command(service: ResolvedService, stack: ResolvedStack): readonly string[] | undefined;
  environment(service: ResolvedService, stack: ResolvedStack): Readonly<Record<string, string>>;
  config(service: ResolvedService, stack: ResolvedStack): readonly ConfigFile[];
  /** Mounts of the host that it cannot do without, read-only, each a recorded exception. */
  readonly hostMounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly propagation?: "rslave";
    readonly reason: string;
  }[];
  /** Controls that it cannot pass, each with the reason; recorded as exceptions of every service that uses it. */
  readonly exceptions: readonly { readonly control: string; readonly reason: string }[];
  /** What of the declaration this component's image cannot do, as sentences for `plan`. */
  gaps(service: ResolvedService, stack: ResolvedStack): readonly string[];
}
