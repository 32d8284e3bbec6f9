import type { Selectors } from "./selectors.ts";

/** Who may open a file, and which of its values are encrypted: what a creation rule says. */
export interface EncryptionRule {
  /** Recipients of age by key group; one group for most. */
  readonly groups: readonly (readonly string[])[];
  /** 0 for all groups. */
  readonly threshold: number;
  /** Kinds of keys besides age that the rule names; Ringwall cannot seal for them. */
  readonly otherKinds: readonly string[];
  readonly selectors: Selectors;
  readonly macOnlyEncrypted: boolean;
  /** Columns by which metadata is indented in YAML, where the configuration says so. */
  readonly yamlIndent?: number;
}

/** A rule for recipients of age alone. */
export function ruleFor(recipients: readonly string[], selectors: Selectors = {}): EncryptionRule {
  return { groups: [recipients], threshold: 0, otherKinds: [], selectors, macOnlyEncrypted: false };
}
