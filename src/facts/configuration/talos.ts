/**
 * What Talos machine configuration says, in one document or many, whole or as a patch; also talosctl's own configuration,
 * the secrets bundle, talhelper's talconfig.yaml and an image factory's schematic.
 *
 * Source: siderolabs/talos v1.13.9 (the schema), v1.14.0-rc.1 (the kinds of `pkg/machinery/config/types/k8s`).
 */
import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { Sensitive } from "../sensitive.ts";

/** Why a fact of a template is unknown where only its blocks decide; told once for the file and not by each control. */
export const templateBlocks = "the blocks of its template are not evaluated";

/** A value that only the machines may know and that anybody reads who has the file. */
export interface TalosSecret {
  /** Where it stands: `machine.ca.key`. */
  readonly name: string;
  readonly value: Fact<Sensitive>;
  /** What it opens, as a clause: "whoever has it issues certificates of the machines' API". */
  readonly opens: string;
  /** True for one that gives the cluster or its machines away. */
  readonly root: boolean;
  readonly place: Place;
}

/** A flag of a component: `anonymous-auth` of the API server. */
export interface TalosArgument {
  readonly name: string;
  readonly value: Fact<string>;
  readonly place: Place;
}

/** A registry that images are pulled from. */
export interface TalosRegistry {
  readonly host: string;
  /** How the transport to it fails to protect; undefined where it does. */
  readonly weakness: Fact<"none" | "unverified" | "plaintext">;
  readonly place: Place;
}

/** A rule of the machines' own firewall. */
export interface TalosFirewallRule {
  readonly name: string;
  readonly ports: readonly string[];
  readonly subnets: FactList<string>;
  readonly place: Place;
}

/**
 * The settings of a machine. `defaulted` where Talos itself gives a value; `unstated` where another document of the same
 * machine may say it, or nothing does.
 */
export interface TalosMachine {
  /** True for a configuration that a machine can be given as it is; false for a patch. */
  readonly whole: boolean;
  readonly role: Fact<string>;
  readonly kernelArguments: FactList<{ readonly text: string; readonly place: Place }>;
  readonly sysctls: FactList<TalosArgument>;
  /** Whether the machines' API tells roles apart. */
  readonly apiRoles: Fact<boolean>;
  /** Roles that pods may take on in the machines' API; empty where they may not use it. */
  readonly podRoles: FactList<{ readonly role: string; readonly place: Place }>;
  readonly podNamespaces: FactList<string>;
  /** Whether the API server answers requests without a name: never, for checks of its health alone, or always. */
  readonly anonymousApi: Fact<"off" | "health" | "on">;
  readonly apiServerArguments: FactList<TalosArgument>;
  readonly kubeletArguments: FactList<TalosArgument>;
  readonly etcdArguments: FactList<TalosArgument>;
  /** The level of the Pod Security Standards that a namespace without labels gets. */
  readonly podSecurity: Fact<string>;
  readonly audit: Fact<{ readonly records: boolean; readonly bodiesOfSecrets: boolean }>;
  /** What encrypts Secrets before they reach etcd. */
  readonly etcdEncryption: Fact<"secretbox" | "aesgcm" | "aescbc" | "kms" | "none">;
  readonly stateEncrypted: Fact<boolean>;
  readonly ephemeralEncrypted: Fact<boolean>;
  readonly registries: FactList<TalosRegistry>;
  readonly installImage: Fact<string>;
  /** What the firewall does with traffic that no rule names. */
  readonly firewall: Fact<"accept" | "block">;
  readonly firewallRules: FactList<TalosFirewallRule>;
  /** Whether containers without a seccomp profile of their own get the runtime's. */
  readonly seccompDefault: Fact<boolean>;
  readonly workloadsOnControlPlane: Fact<boolean>;
}

export interface TalosConfiguration {
  readonly software: "talos";
  readonly form: "machine" | "client" | "secrets" | "talhelper" | "schematic";
  readonly secrets: FactList<TalosSecret>;
  /** Absent for what configures no machine. */
  readonly machine?: TalosMachine;
}
