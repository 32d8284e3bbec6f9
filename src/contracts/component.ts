import type { ComponentName, SecretKind } from "../stack/vocabulary.ts";
import type { ConfigFile, ResolvedService, ResolvedStack } from "./resolved.ts";

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
  readonly name: string;
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
  readonly resources: { readonly cpus: number; readonly memoryBytes: number; readonly pids: number };
  readonly volumes: readonly { readonly name: string; readonly target: string; readonly purpose: string }[];
  readonly secrets: readonly ComponentSecret[];
  /** Arguments after the entrypoint, from the resolved stack. */
  command(service: ResolvedService, stack: ResolvedStack): readonly string[] | undefined;
  environment(service: ResolvedService, stack: ResolvedStack): Readonly<Record<string, string>>;
  config(service: ResolvedService, stack: ResolvedStack): readonly ConfigFile[];
  /** Mounts of the host that it cannot do without, each a recorded exception. */
  readonly hostMounts: readonly { readonly source: string; readonly target: string; readonly reason: string }[];
  /** What of the declaration this component's image cannot do, as sentences for `plan`. */
  gaps(service: ResolvedService, stack: ResolvedStack): readonly string[];
}
