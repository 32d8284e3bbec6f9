/**
 * What SOPS's own files say: a file that it encrypted, one that it should have, and `.sops.yaml`.
 *
 * Source: getsops/sops v3.13, `sops.go` (what is encrypted), `config/config.go` (creation rules).
 */
import type { Place } from "../../lib/place.ts";
import type { Fact, FactList } from "../fact.ts";

export type SopsKeyKind = "age" | "pgp" | "kms" | "gcp_kms" | "azure_kv" | "hc_vault" | "hckms" | "plugin";

/** Somebody who can open a file: a public key or the name of a key in a service. No secret. */
export interface SopsRecipient {
  readonly kind: SopsKeyKind;
  readonly id: string;
  readonly place: Place;
}

/** A value that stands in clear text although its name or looks are those of a secret. */
export interface ClearValue {
  /** The keys that lead to it: `stringData.password`. */
  readonly name: string;
  readonly place: Place;
}

/** What the first creation rule for a file says of it. */
export interface SopsRuleForFile {
  readonly recipients: FactList<SopsRecipient>;
  readonly place: Place;
}

/** A file as SOPS sees it. */
export type SopsState =
  | {
      readonly state: "encrypted";
      /** Whether it carries a code by which a change of its values is noticed. */
      readonly authenticated: Fact<boolean>;
      readonly recipients: FactList<SopsRecipient>;
      readonly clear: FactList<ClearValue>;
      /** `unstated` where no `.sops.yaml` of these files has a rule for it. */
      readonly rule: Fact<SopsRuleForFile>;
    }
  | {
      readonly state: "plain";
      /** Why it should be encrypted, as a clause: "a rule of .sops.yaml is made for it". */
      readonly because: string;
      /** The values in it that are secrets by their names or looks. */
      readonly clear: FactList<ClearValue>;
    };

/** One entry of `creation_rules`. */
export interface SopsRule {
  /** From 1, as they stand. */
  readonly number: number;
  /** `path_regex`; `unstated` for one that takes every file. */
  readonly pattern: Fact<string>;
  readonly recipients: FactList<SopsRecipient>;
  /** Whether any file of the folder falls to it. */
  readonly used: Fact<boolean>;
  /** The number of an earlier rule that takes every file, so that this one is never asked. */
  readonly hiddenBy: number | undefined;
  readonly place: Place;
}

/** `.sops.yaml`. */
export interface SopsRules {
  readonly software: "sops";
  readonly rules: FactList<SopsRule>;
}
