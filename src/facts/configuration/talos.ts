/**
 * What Talos machine configuration says, in one document or many, whole or as a patch; also talosctl's own configuration,
 * the secrets bundle, talhelper's talconfig.yaml and an image factory's schematic.
 *
 * Source: siderolabs/talos v1.13.9 (the schema), v1.14.0-rc.1 (the kinds of `pkg/machinery/config/types/k8s`).
 */
import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { ClusterSecret, ClusterSettings, ComponentArgument } from "./cluster.ts";

/** Why a fact of a template is unknown where only its blocks decide; told once for the file and not by each control. */
export const templateBlocks = "the blocks of its template are not evaluated";

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
export interface TalosMachine extends ClusterSettings {
  readonly kernelArguments: FactList<{ readonly text: string; readonly place: Place }>;
  readonly sysctls: FactList<ComponentArgument>;
  /** Whether the machines' API tells roles apart. */
  readonly apiRoles: Fact<boolean>;
  /** Roles that pods may take on in the machines' API; empty where they may not use it. */
  readonly podRoles: FactList<{ readonly role: string; readonly place: Place }>;
  readonly podNamespaces: FactList<string>;
  readonly stateEncrypted: Fact<boolean>;
  readonly ephemeralEncrypted: Fact<boolean>;
  readonly registries: FactList<TalosRegistry>;
  readonly installImage: Fact<string>;
  /** What the firewall does with traffic that no rule names. */
  readonly firewall: Fact<"accept" | "block">;
  readonly firewallRules: FactList<TalosFirewallRule>;
  readonly workloadsOnControlPlane: Fact<boolean>;
}

export interface TalosConfiguration {
  readonly software: "talos";
  readonly form: "machine" | "client" | "secrets" | "talhelper" | "schematic";
  readonly secrets: FactList<ClusterSecret>;
  /** Absent for what configures no machine. */
  readonly machine?: TalosMachine;
}
