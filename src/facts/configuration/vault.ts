import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { Sensitive } from "../sensitive.ts";
import type { ServiceConfiguration } from "./service.ts";

/** Where a server of Vault or OpenBao answers. */
export interface VaultListener {
  /** `0.0.0.0:8200`. */
  readonly address: Fact<string>;
  readonly tls: Fact<boolean>;
  /** `tls12`. */
  readonly minimumVersion: Fact<string>;
  readonly place: Place;
}

/** A credential that the file gives to the storage or the seal. */
export interface VaultCredential {
  /** `seal "transit"`'s `token`. */
  readonly name: string;
  readonly value: Sensitive;
  readonly place: Place;
}

/** The configuration of a server of Vault or OpenBao. */
export interface VaultConfiguration extends ServiceConfiguration {
  readonly software: "vault";
  readonly listeners: FactList<VaultListener>;
  readonly credentials: FactList<VaultCredential>;
  /** The kind of storage: `raft`, `file`. */
  readonly storage: Fact<string>;
  /** Whether memory may be written to swap (`disable_mlock`). */
  readonly memoryUnlocked: Fact<boolean>;
}

/** A policy of Vault or OpenBao: what its holders may do under which path. */
export interface VaultPolicy {
  readonly software: "vault-policy";
  readonly paths: FactList<VaultPolicyPath>;
}

export interface VaultPolicyPath {
  /** `secret/data/*`. */
  readonly path: string;
  /** `read`, `list`, `create`, `sudo`, … */
  readonly capabilities: Fact<readonly string[]>;
  readonly place: Place;
}
