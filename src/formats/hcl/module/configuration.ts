/**
 * What the files of an OpenTofu or Terraform configuration come to, evaluated as far as they are static. Readers of
 * platforms walk the resources' attributes as they walk any other tree.
 */
import type { InputProblem } from "../../../facts/system.ts";
import type { Place, Source } from "../../../lib/place.ts";
import type { MappingNode, TreeNode } from "../../tree.ts";

/** A provisioner of a resource, or how one connects. */
export interface TofuStep {
  /** `remote-exec`, `local-exec`, `file`, `connection` */
  readonly kind: string;
  readonly attributes: MappingNode;
  readonly place: Place;
}

/** One instance of a `resource` or `data` block. */
export interface TofuResource {
  readonly mode: "managed" | "data";
  /** `incus_instance` */
  readonly type: string;
  /** The block's name; the instance's own is an attribute. */
  readonly name: string;
  /** `module.caddy.incus_instance.this["a"]` */
  readonly address: string;
  /** Arguments; blocks stand under their type as lists of mappings. What cannot be told says why. */
  readonly attributes: MappingNode;
  /** Its provisioners, and how they connect. */
  readonly steps: readonly TofuStep[];
  /** Why it may not be there at all, or how many there are cannot be told: `count is var.enabled ? 1 : 0`. */
  readonly condition: string | undefined;
  /** Of the block. */
  readonly place: Place;
}

/** A module that is called and cannot be seen here. */
export interface UnseenModule {
  /** `module.database` */
  readonly address: string;
  /** As written. */
  readonly source: TreeNode | undefined;
  readonly version: TreeNode | undefined;
  /** What it is given. */
  readonly attributes: MappingNode;
  /** A clause: `it comes from a registry`. */
  readonly why: string;
  readonly place: Place;
}

/** A variable of the root module, or of a module that it calls. */
export interface TofuVariable {
  /** `var.token`, `module.caddy.var.token` */
  readonly address: string;
  readonly name: string;
  readonly sensitive: boolean;
  /** The default as written; undefined where there is none. */
  readonly otherwise: TreeNode | undefined;
  readonly place: Place;
}

/** A `provider` block. */
export interface TofuProvider {
  readonly name: string;
  readonly attributes: MappingNode;
  readonly place: Place;
}

/** One entry of `required_providers`. */
export interface RequiredProvider {
  readonly name: string;
  readonly source: string | undefined;
  readonly version: string | undefined;
  readonly place: Place;
}

/** Where the state is kept. */
export interface TofuBackend {
  /** `s3`, `http`, `local`, `cloud` */
  readonly type: string;
  readonly attributes: MappingNode;
  readonly place: Place;
}

export interface TofuConfiguration {
  /** The root module's folder, relative to the repository's root. */
  readonly folder: string;
  readonly resources: readonly TofuResource[];
  readonly unseen: readonly UnseenModule[];
  readonly variables: readonly TofuVariable[];
  readonly providers: readonly TofuProvider[];
  readonly requiredProviders: readonly RequiredProvider[];
  readonly backend: TofuBackend | undefined;
  /** OpenTofu's own encryption of state and plans. */
  readonly encryption: MappingNode | undefined;
  /** Every module's folder, the root's too. */
  readonly folders: readonly string[];
  /** Files with values for the root module's variables, in the order in which they are read. */
  readonly variableFiles: readonly string[];
  /** Values that a file with values gives, by the variable's name. */
  readonly given: ReadonlyMap<string, TreeNode>;
  /** Why resources may be missing; absent when all of it was seen. */
  readonly incomplete: string | undefined;
  /** Why something of its own files may be missing; what comes from elsewhere does not count. */
  readonly unread: string | undefined;
  readonly problems: readonly InputProblem[];
  readonly sources: readonly Source[];
}
