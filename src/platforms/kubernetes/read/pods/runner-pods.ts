/**
 * The pods of the older controller of GitHub's runners.
 *
 * Source: the CRDs of actions.summerwind.dev/v1alpha1: the runner's container is privileged with
 * `dockerdWithinRunnerContainer`; unless `dockerEnabled` is false there is a privileged sidecar otherwise.
 */
import { child, isTrue, type MappingNode, type TreeNode } from "../../../../formats/tree.ts";
import { itemsOf, mapping, scalar, sequence, textAt, valueAt, withValue } from "../../load/nodes.ts";
import { entriesAt, type MadePod } from "./made-pods.ts";

export function runnerPods(spec: MappingNode): readonly MadePod[] {
  const within = valueAt(spec, "dockerdWithinRunnerContainer");
  const isWithin = isTrue(within);
  const enabled = valueAt(spec, "dockerEnabled");
  const hasSidecar = !isWithin && !(enabled?.kind === "scalar" && enabled.value === false);
  const stated = itemsOf(child(spec, "containers"));
  const named = (name: string) => stated.find((container) => textAt(container, "name") === name);
  const runner = named("runner") ?? containerOf(spec, "runner", "image", isWithin ? within : undefined);
  const docker =
    named("docker") ?? containerOf(spec, "docker", "dockerImage", scalar(true, enabled?.place ?? spec.place));
  const others = stated.filter((container) => container !== runner && container !== docker);
  const containers = [runner, ...(hasSidecar ? [docker] : []), ...others];
  return [{ name: "", metadata: undefined, spec: withValue(spec, "containers", sequence(containers, spec.place)) }];
}

function containerOf(spec: MappingNode, name: string, image: string, privileged: TreeNode | undefined): TreeNode {
  const entries = entriesAt(spec, name === "runner" ? ["env", "envFrom", "resources", "volumeMounts"] : []);
  const from = child(spec, image);
  if (from !== undefined) entries.push(["image", from]);
  if (privileged !== undefined)
    entries.push(["securityContext", mapping([["privileged", privileged]], privileged.place)]);
  return mapping([["name", scalar(name, spec.place)], ...entries], from?.place ?? spec.place);
}
