import { type Fact, knownValue, stated, unknown, unstated } from "../../../facts/fact.ts";
import { parseImageReference } from "../../../facts/image-reference.ts";
import type { Image, ImageReference } from "../../../facts/subjects.ts";
import { type InstanceContext, refOf } from "./context.ts";
import { type WrittenImage, writtenImage } from "./written-image.ts";

/**
 * The OCI image that an instance runs. One from an image server has none here: it is a file system that is updated from
 * within, not a version that is pulled.
 */
export function readImage(context: InstanceContext): Image | undefined {
  const { system, lens, name, object, objects, kind } = context;
  if (knownValue(kind) === "vm" || knownValue(kind) === "system") return undefined;
  const written = writtenImage(object, objects);
  if (written.kind === "unstated") return undefined;
  const likely = likelyRepository(knownValue(written));
  return {
    kind: "image",
    ref: refOf("image", system, name),
    lens,
    platform: "incus",
    place: written.place,
    usedBy: refOf("container", system, name),
    reference: referenceOf(written),
    built: false,
    ...(likely === undefined ? {} : { likelyRepository: likely }),
    pullPolicy: unstated(written.place),
  };
}

function referenceOf(written: Fact<WrittenImage>): Fact<ImageReference> {
  if (written.kind === "unknown") return written;
  const image = knownValue(written);
  if (image === undefined) return unstated(written.place);
  if (image.doubt !== undefined) return unknown(image.doubt, written.place);
  if (image.registry === undefined) {
    return unknown(`the remote ${image.remote} is not described in these files`, written.place);
  }
  const reference = parseImageReference(image.name);
  if (reference === undefined) return unknown("`image` is no image reference", written.place);
  const { registry } = image;
  const repository = registry === "docker.io" ? reference.repository : reference.repository.replace(/^library\//, "");
  return stated({ ...reference, text: image.text, registry, repository }, written.place);
}

/** `library/caddy` for `docker:library/caddy:${var.tag}`. */
function likelyRepository(image: WrittenImage | undefined): string | undefined {
  if (image === undefined || (image.doubt === undefined && image.registry !== undefined)) return undefined;
  const name = image.name
    .replace(/\$\{[^}]*\}/g, "")
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "")
    .replace(/^\/+/, "");
  return parseImageReference(name)?.repository;
}
