import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";
import type { Sensitive } from "../sensitive.ts";

/** What an OpenTofu or Terraform configuration says of itself, whatever it makes. */
export interface OpenTofuConfiguration {
  readonly software: "opentofu";
  /** The root module's folder; empty for the folder that is checked. */
  readonly folder: string;
  /** Whether it is run by itself: it configures a provider, keeps a state or is given values. A module for others is not. */
  readonly runs: boolean;
  /** `s3`, `http`, `cloud`; `local` where nothing is stated. */
  readonly backend: Fact<string>;
  /** Whether state is encrypted: by OpenTofu itself, or by the backend as far as the configuration says so. */
  readonly stateEncrypted: Fact<boolean>;
  /** What puts secrets into the state, by the resource or variable. */
  readonly secretsInState: FactList<{ readonly name: string; readonly place: Place }>;
  /** Values that stand in the configuration itself and that may be secrets. */
  readonly values: FactList<OpenTofuValue>;
  readonly providers: FactList<OpenTofuProvider>;
  /** Whether `.terraform.lock.hcl` lies beside the root module and Git takes it. */
  readonly locked: Fact<boolean>;
  /** Modules that come from elsewhere. */
  readonly modules: FactList<OpenTofuModule>;
  /** Switches that turn the check of another's certificate off. */
  readonly unverified: FactList<{ readonly name: string; readonly place: Place }>;
}

export interface OpenTofuValue {
  /** Where it stands, in words: `the default of var.db_password`. */
  readonly where: string;
  /** Names that tell what it is for: the variable's, the argument's, those of the variables of an environment. */
  readonly names: readonly string[];
  readonly value: Fact<Sensitive>;
  readonly place: Place;
}

export interface OpenTofuProvider {
  readonly name: string;
  /** `lxc/incus` */
  readonly source: string | undefined;
  /** The constraint as written. */
  readonly version: string | undefined;
  readonly place: Place;
}

export interface OpenTofuModule {
  readonly address: string;
  readonly source: Fact<string>;
  readonly version: Fact<string>;
  readonly place: Place;
}
