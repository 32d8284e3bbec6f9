/**
 * Values in a file of datasources with which Grafana ends as it starts. A switch of `grafana.ini` that it cannot read is
 * none of them: it takes its default then.
 *
 * Source: Grafana 12.0, `pkg/services/provisioning/values` (`BoolValue`: Go's `strconv.ParseBool` of the text as written,
 * after variables), `…/datasources/types.go` and `…/provisioning.go` (`RunInitProvisioners` gives the error back).
 */
import type { InputProblem } from "../../facts/system.ts";
import { isNoSwitch, refused } from "../refused.ts";
import { child, type TreeNode } from "../tree.ts";

const switches = ["isDefault", "editable", "basicAuth", "withCredentials"];

export function wrongValues(root: TreeNode | undefined): readonly InputProblem[] {
  const list = child(root, "datasources");
  const version = child(root, "apiVersion");
  if (list === undefined || (list.kind === "scalar" && (list.value === null || list.unresolved !== undefined)))
    return [];
  if (list.kind !== "sequence")
    return [refused("Grafana", "`datasources` is not a list", "a list, each entry after a `-`", list.place)];
  // Before the first version of the format they were YAML's own, which has other words for true.
  if (version?.kind !== "scalar" || version.value !== 1) return [];
  return list.items.flatMap((datasource) => switches.flatMap((name) => notBoolean(name, child(datasource, name))));
}

function notBoolean(name: string, node: TreeNode | undefined): readonly InputProblem[] {
  if (node?.kind !== "scalar" || node.unresolved !== undefined || typeof node.value !== "string") return [];
  if (!isNoSwitch(node.value)) return [];
  return [refused("Grafana", `\`${name}\` is neither true nor false`, "`true` or `false`", node.place)];
}
