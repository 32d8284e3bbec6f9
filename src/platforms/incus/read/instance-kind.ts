import type { IncusInstanceKind } from "../../../facts/extensions-incus.ts";
import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import { asText, type Fields } from "../../../formats/fields.ts";
import type { IncusObject, IncusObjects } from "../load/objects.ts";
import { writtenImage } from "./written-image.ts";

/**
 * What an instance is. A container whose image comes from a registry of OCI images runs that image's program alone; one
 * from an image server runs an init system (Incus, `doc/explanation/instances.md`).
 */
export function instanceKindOf(object: IncusObject, config: Fields, objects: IncusObjects): Fact<IncusInstanceKind> {
  const type = object.fields.fact("type", asText, "a text", (place) => defaulted("container", "platform", place));
  if (type.kind === "unknown") return unknown(type.why, type.place);
  if (knownValue(type) === "virtual-machine") return stated("vm", type.place);
  if (config.entries.some(({ key }) => key.startsWith("oci."))) return stated("application", type.place);
  const image = writtenImage(object, objects);
  if (image.kind === "unknown") return unknown(image.why, image.place);
  if (image.kind === "unstated") return unstated(image.place);
  const value: IncusInstanceKind = knownValue(image)?.oci === true ? "application" : "system";
  return { ...image, value } as Fact<IncusInstanceKind>;
}
