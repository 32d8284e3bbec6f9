/**
 * What only Incus and LXD say of an instance, a network, a server and of who may use it; read by the controls of Incus
 * alone. Names and meanings: Incus 7.3, `internal/server/metadata/configuration.json` and `doc/`.
 */
import type { Place } from "../lib/place.ts";
import type { CommandRisk } from "./configuration/command-risk.ts";
import type { Fact, FactList } from "./fact.ts";
import type { Ref } from "./subjects.ts";

/** A virtual machine, a container with an init system of its own, or an OCI image's program alone. */
export type IncusInstanceKind = "vm" | "system" | "application";

export interface IncusWorkloadExtension {
  readonly flavour: "incus" | "lxd";
  readonly instanceKind: Fact<IncusInstanceKind>;
  /** Whether containers may run inside it (`security.nesting`). */
  readonly nesting: Fact<boolean>;
  /** A soft memory limit may be exceeded while the host has memory left. */
  readonly memoryEnforcement: Fact<"hard" | "soft">;
  /** Lines of `raw.*` and `linux.kernel_modules` that reach past what Incus keeps apart. */
  readonly rawOptions: FactList<IncusRawOption>;
  /** System calls that the server makes in the instance's name (`security.syscalls.intercept.*`). */
  readonly interceptions: FactList<IncusInterception>;
  /** Interfaces of one name and different networks in its profiles, of which only the last is there. */
  readonly clashes: FactList<IncusDeviceClash>;
  readonly snapshots: IncusSnapshots;
  /** Its own volumes, the root disk apart. */
  readonly volumes: FactList<IncusVolume>;
  /** Secrets in what whoever may look at the instance can read: `user.*`, `cloud-init.*`, `smbios11.*`. */
  readonly openSecrets: FactList<IncusOpenSecret>;
  /** What the commands of its first start take from elsewhere unverified. */
  readonly startCommands: FactList<CommandRisk>;
}

export interface IncusRawOption {
  /** `raw.lxc` */
  readonly key: string;
  /** What it does, as a clause: `switches AppArmor off`. */
  readonly does: string;
  /** Whether it leads out of the instance by itself. */
  readonly leadsOut: boolean;
  readonly place: Place;
}

export interface IncusInterception {
  /** `security.syscalls.intercept.mount` */
  readonly key: string;
  readonly does: string;
  readonly place: Place;
}

export interface IncusDeviceClash {
  readonly device: string;
  readonly lost: string;
  readonly kept: string;
  readonly place: Place;
}

export interface IncusSnapshots {
  readonly schedule: Fact<string>;
  readonly expiry: Fact<string>;
}

export interface IncusVolume {
  readonly name: string;
  readonly pool: Fact<string>;
  /** Whether the volume is described in these files; one that is not may have snapshots all the same. */
  readonly described: boolean;
  readonly readOnly: Fact<boolean>;
  readonly snapshots: IncusSnapshots;
  readonly place: Place;
}

/** A secret among the values that are open to everybody who may look at the instance. */
export interface IncusOpenSecret {
  /** `cloud-init.user-data` */
  readonly key: string;
  /** In words: `a GitHub token`, `the value of db_password`, `what var.token holds`. */
  readonly what: string;
  /** Whether it stands in the files themselves, not in a variable without a value. */
  readonly writtenOut: boolean;
  readonly place: Place;
}

/** What a bridge lets through beyond its own members. */
export interface IncusNetworkExtension {
  /** ACLs on the network; they filter at its edge and nothing inside it. */
  readonly acls: FactList<string>;
  /** Other networks of the system whose members reach its own, because the server routes between its bridges. */
  readonly routedFrom: FactList<IncusNetworkRoute>;
}

export interface IncusNetworkRoute {
  /** Networks of which that is said; of many in one list the network itself may be one, and does not count. */
  readonly from: readonly Ref<"network">[];
  /** Whether packets get through; unknown where an ACL cannot be seen. */
  readonly open: Fact<boolean>;
  readonly place: Place;
}

/** Settings of the server itself. */
export interface IncusServerExtension {
  /** `core.https_address` */
  readonly apiAddress: Fact<string>;
  readonly metricsAddress: Fact<string>;
  readonly metricsAuthentication: Fact<boolean>;
  /** `core.debug_address`: profiles of the daemon's memory for whoever asks. */
  readonly debugAddress: Fact<string>;
  /** `core.https_allowed_origin` */
  readonly allowedOrigin: Fact<string>;
  readonly allowedCredentials: Fact<boolean>;
  readonly trustsCaCertificates: Fact<boolean>;
  /** Where logs and events go. */
  readonly logTargets: FactList<IncusLogTarget>;
}

export interface IncusLogTarget {
  readonly key: string;
  readonly address: Fact<string>;
  readonly place: Place;
}

/** A client whose certificate the server trusts. */
export interface IncusClientExtension {
  /** `client`, `metrics`, `server` */
  readonly type: Fact<string>;
  readonly restricted: Fact<boolean>;
  readonly projects: FactList<string>;
}

/** A project, and what its instances may do where it is restricted. */
export interface IncusProjectExtension {
  readonly restricted: Fact<boolean>;
  /** Keys under `restricted.` that let through what a restriction is there to stop. */
  readonly loosened: FactList<{
    readonly key: string;
    readonly value: string;
    readonly gives: string;
    readonly place: Place;
  }>;
}
