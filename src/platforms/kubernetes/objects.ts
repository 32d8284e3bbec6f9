/**
 * What a cluster's files come to before facts are made of them: objects as the API server would get them, with bases,
 * overlays, components, patches and generators applied. `load/` makes them, `read/` turns them into facts.
 */
import type { InputProblem } from "../../facts/system.ts";
import type { MappingNode, TreeNode } from "../../formats/tree.ts";
import type { Place, Source } from "../../lib/place.ts";

/** One object, whole: `node` is the mapping with `apiVersion`, `kind`, `metadata`. Places survive every patch. */
export interface KubernetesObject {
  /** As written: `apps/v1`. */
  readonly apiVersion: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  /** As written or set by a kustomization; undefined for one that states none. */
  readonly namespace: string | undefined;
  readonly node: MappingNode;
  /** Of the object as a whole: its `kind`. */
  readonly place: Place;
  /** Whether SOPS keeps its values encrypted. */
  readonly encrypted: boolean;
  /** The Flux Kustomization or Argo CD Application that applies it, where one of the files does. */
  readonly appliedBy?: KubernetesObject;
}

/**
 * Why objects cannot be seen. `chart`: a Helm chart makes them; `remote`: they are fetched from elsewhere; `plugin`: a
 * program of the author's makes them; `template`: a text that is no YAML yet; `elsewhere`: they are not in this folder.
 */
export type UnseenKind = "chart" | "remote" | "plugin" | "template" | "elsewhere";

/** Something that makes objects which cannot be seen here: a chart, a remote base, a substitution from the cluster. */
export interface UnseenObjects {
  readonly kind: UnseenKind;
  /** The object or entry that makes them: `HelmRelease media/plex`. */
  readonly what: string;
  /** A clause: `the chart is not in this folder; give its output with --rendered`. */
  readonly why: string;
  /** The namespace that they land in, where it is known. */
  readonly namespace: string | undefined;
  readonly place: Place;
}

/** A chart that is installed, with the values that it is given as far as they are seen. */
export interface ChartRelease {
  /** Its own name: `argo-cd`. */
  readonly chart: string;
  /** What installs it: `HelmRelease argocd/argocd`. */
  readonly by: string;
  /** As written: `37.1.2`, `>=37`; undefined for one that is not told. */
  readonly version: string | undefined;
  /** The namespace that it is installed in; undefined for one that is not told. */
  readonly namespace: string | undefined;
  /** What comes later has the last word. */
  readonly values: readonly TreeNode[];
  /** Why it may be given more, as a clause; undefined where all is seen. */
  readonly whyIncomplete: string | undefined;
  readonly place: Place;
}

/** The objects that belong to one cluster (one root: a Flux cluster, an overlay that nothing includes, loose manifests). */
export interface KubernetesManifests {
  /** A name for people: the overlay's folder, the Flux cluster's. */
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly unseen: readonly UnseenObjects[];
  /** Of those that are not seen, charts whose values tell something. */
  readonly charts?: readonly ChartRelease[];
  /** Folders here of charts that something installs, which are not rendered. */
  readonly chartFolders?: readonly string[];
  /** What kustomizations change of objects that are not seen, such as those of a remote base: parts of them alone. */
  readonly changes?: readonly KubernetesObject[];
  readonly problems: readonly InputProblem[];
  /** Every text that went into it. */
  readonly sources: readonly Source[];
  /** True for what one kustomization makes: other files of the repository may hold what it lacks. */
  readonly isKustomization?: true;
}
