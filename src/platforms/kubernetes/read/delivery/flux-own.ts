import { child } from "../../../../formats/tree.ts";
import { type ClusterContext, specOf, textIn } from "../context.ts";
import { appliesThisFolder } from "./own-paths.ts";

/**
 * The sources that hold the cluster's own manifests, as `Kind/namespace/name`: the one that `flux bootstrap` makes
 * (`flux-system`), the one that a FluxInstance syncs, and any whose Kustomizations apply paths of this folder.
 */
export function ownSources(context: ClusterContext): ReadonlySet<string> {
  const own = new Set(["GitRepository/flux-system/flux-system", "OCIRepository/flux-system/flux-system"]);
  for (const instance of context.ofKind("fluxcd.controlplane.io", "FluxInstance")) {
    const kind = textIn(specOf(instance).fields("sync"), "kind") ?? "GitRepository";
    const name = textIn(specOf(instance).fields("sync"), "name") ?? context.namespaceOf(instance);
    own.add(`${kind}/${context.namespaceOf(instance)}/${name}`);
  }
  for (const kustomization of context.ofKind("kustomize.toolkit.fluxcd.io", "Kustomization")) {
    const ref = child(child(kustomization.node, "spec"), "sourceRef");
    if (ref === undefined || !appliesThisFolder(textIn(specOf(kustomization), "path"), context)) continue;
    const fields = specOf(kustomization).fields("sourceRef");
    const namespace = textIn(fields, "namespace") ?? context.namespaceOf(kustomization);
    own.add(`${textIn(fields, "kind") ?? "GitRepository"}/${namespace}/${textIn(fields, "name")}`);
  }
  return own;
}
