import { posix } from "node:path";
import { knownValue, unstated } from "../../../facts/fact.ts";
import type { MappingNode } from "../../../formats/tree.ts";
import { belongsTo } from "../load/composition.ts";
import { blocks } from "../load/nodes.ts";
import type { InstanceContext } from "./context.ts";
import { volumeOf } from "./mounts.ts";
import { asSetText } from "./values.ts";

/** `file` blocks of an instance and of its volumes, and files that are resources of their own, by their path inside. */
export function filesOf({ object, objects, composition }: InstanceContext): readonly MappingNode[] {
  const own = blocks(object.resource.attributes.entries.get("file")?.value).items;
  const inVolumes = composition.devices.flatMap((device) => {
    const volume = device.type === "disk" ? volumeOf(device, objects) : undefined;
    const at = knownValue(device.properties.fact("path", asSetText, "a path", unstated)) ?? "/";
    return blocks(volume?.resource.attributes.entries.get("file")?.value).items.map((node) => below(at, node));
  });
  const apart = objects.all("instance-file").flatMap(({ resource }) => {
    const { entries } = resource.attributes;
    const of = entries.get("instance")?.value ?? entries.get("instance_name")?.value;
    return belongsTo(of, object, objects) ? [resource.attributes] : [];
  });
  return [...own, ...inVolumes, ...apart];
}

/** A file of a volume as the instance sees it, under the path that the volume is mounted at. */
function below(folder: string, node: MappingNode): MappingNode {
  const target = node.entries.get("target_path");
  if (target?.value.kind !== "scalar" || typeof target.value.value !== "string") return node;
  const value = { ...target.value, value: posix.join(folder, target.value.value) };
  return { ...node, entries: new Map(node.entries).set("target_path", { ...target, value }) };
}
