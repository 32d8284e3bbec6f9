/**
 * What the token of each job may do.
 */
import { type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import type { JobToken, TokenPermissions } from "../../facts/workflow.ts";
import type { Place } from "../../lib/place.ts";
import { child, type TreeNode } from "../tree.ts";
import { text, type Workflow } from "./model.ts";

/** The permissions that the workflow states for every job that states none. */
export function sharedToken({ root }: Workflow): Fact<TokenPermissions> {
  return permissionsOf(child(root, "permissions"), root.entries.get("jobs")?.keyPlace ?? root.place);
}

export function jobTokens(workflow: Workflow): readonly JobToken[] {
  const shared = sharedToken(workflow);
  return workflow.jobs.map(({ name, node, place }) => {
    const own = child(node, "permissions");
    return {
      job: name,
      permissions: own === undefined ? shared : permissionsOf(own, place),
      own: own !== undefined,
      place,
    };
  });
}

function permissionsOf(node: TreeNode | undefined, place: Place): Fact<TokenPermissions> {
  if (node === undefined) return unstated(place);
  const single = text(node);
  if (single === "write-all") return stated({ writes: "everything" }, node.place);
  if (single === "read-all" || (node.kind === "scalar" && node.value === null))
    return stated({ writes: [] }, node.place);
  if (node.kind !== "mapping")
    return unknown("`permissions` is neither a mapping, `read-all` nor `write-all`", node.place);
  const writes = [...node.entries.values()].flatMap(({ key, value }) => (text(value) === "write" ? [key] : []));
  return stated({ writes }, node.place);
}
