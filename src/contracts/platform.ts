import type { PlatformName } from "../facts/subjects.ts";
import type { System } from "../facts/system.ts";
import type { ResolvedStack } from "./resolved.ts";

/** One file that `render` writes. Never holds a secret value. */
export interface RenderedFile {
  /** Relative to the stack's rendered folder, with `/`. */
  readonly path: string;
  readonly content: string;
  /** Octal as a number: 0o644, or 0o600 for `.env`. */
  readonly mode: number;
  /** True when Git ignores it, so that a fresh clone is without it. */
  readonly ignoredByGit?: boolean;
}

/**
 * A sentence that `plan` and `docs` print because the platform makes it true, with what would show it false.
 * The lab puts in at least one fault for each, and one of `controls` must catch it.
 */
export interface Guarantee {
  /** `ring.what-holds`, such as `network.services-separated`. */
  readonly id: string;
  /** What holds for this stack; empty when it says nothing (no datastore, no claim about datastores). */
  statements(stack: ResolvedStack): readonly string[];
  /** Ids of the controls that fail when it does not hold, under the running or measured lens. */
  readonly controls: readonly string[];
}

/** Something a platform cannot enforce, and why: printed by `plan` beside the guarantees. */
export interface Gap {
  readonly id: string;
  /** What stays open for this stack; empty when nothing does. Without an engine, what may stay open on some. */
  statements(stack: ResolvedStack, engine?: EngineInfo): readonly string[];
}

/** A platform's own desired state and what is made of it. `R` is the platform's resource type. */
export interface Platform<R> {
  readonly name: PlatformName;
  readonly guarantees: readonly Guarantee[];
  readonly gaps: readonly Gap[];
  /** Complete resources of a resolved stack. Pure. */
  resources(stack: ResolvedStack): R;
  /** Files for the platform's own program; the same resources give the same bytes. Pure. */
  render(resources: R): readonly RenderedFile[];
  /** What the resources say, under the lens `declared`. Pure. */
  facts(resources: R, stack: ResolvedStack): System;
}

export interface EngineInfo {
  readonly version: string;
  readonly apiVersion: string;
  /** `1` or `2`. */
  readonly cgroup: string;
  readonly rootless: boolean;
  readonly userNamespaces: boolean;
  readonly remote: boolean;
  readonly seccomp: boolean;
  readonly appArmor: boolean;
  readonly composeVersion: string | undefined;
}

/** What `plan` would do with one resource. */
export interface PlannedChange {
  readonly kind: "network" | "volume" | "service" | "secret" | "file" | "firewall";
  readonly name: string;
  readonly action: "create" | "change" | "recreate" | "keep" | "remove";
  /** Why, as a clause: `image changed from … to …`. */
  readonly because: readonly string[];
  /** True when applying needs root on the host. */
  readonly needsRoot: boolean;
}

export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly guarantees: readonly { readonly id: string; readonly statement: string }[];
  readonly gaps: readonly { readonly id: string; readonly statement: string }[];
  readonly todos: readonly string[];
  /** What stops `up`: taken names, clashing subnets, missing secrets. */
  readonly obstacles: readonly string[];
}

export interface ServiceStatus {
  readonly service: string;
  readonly state: "running" | "restarting" | "exited" | "missing" | "created" | "paused";
  readonly health: "healthy" | "unhealthy" | "starting" | "none";
  readonly containerId: string | undefined;
  /** The main process's id on the host, 0 or undefined when it does not run or cannot be seen. */
  readonly pid: number | undefined;
  readonly startedAt: string | undefined;
  readonly exitCode: number | undefined;
  readonly restarts: number;
  readonly memoryBytes: number | undefined;
  readonly cpuPercent: number | undefined;
}
