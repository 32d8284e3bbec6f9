import { type Fact, stated, unknown, unstated } from "../../facts/fact.ts";
import { parseImageReference } from "../../facts/image-reference.ts";
import type { Image, ImageReference } from "../../facts/subjects.ts";
import { asText, type Fields } from "../../formats/fields.ts";
import type { TreeNode } from "../../formats/tree.ts";
import { baseThatTells } from "./read-build.ts";
import type { ServiceContext } from "./read-context.ts";
import { containerRef, imageRef } from "./refs.ts";

/** The image that a service names, builds, or both. */
export function readImage({ system, service, fields, place, lens, built }: ServiceContext): Image {
  const node = fields.node("image");
  const likely = baseThatTells(built) ?? likelyRepository(node);
  return {
    kind: "image",
    ref: imageRef(system, service),
    lens,
    platform: "compose",
    place: node?.place ?? fields.keyPlace("build") ?? place,
    usedBy: containerRef(system, service),
    reference: readReference(fields),
    built: fields.node("build") !== undefined,
    ...(likely === undefined ? {} : { likelyRepository: likely }),
    pullPolicy: fields.fact("pull_policy", asText, "a text", unstated),
  };
}

function readReference(fields: Fields): Fact<ImageReference> {
  const text = fields.fact("image", asText, "a text", unstated);
  if (text.kind !== "stated") return text.kind === "defaulted" ? unstated(text.place) : text;
  const reference = parseImageReference(text.value.trim());
  return reference === undefined ? unknown("`image` is no image reference", text.place) : stated(reference, text.place);
}

/** `library/postgres` for `postgres:${TAG}`: what is left when the unresolved tag or digest is taken off. */
function likelyRepository(node: TreeNode | undefined): string | undefined {
  if (node?.kind !== "scalar" || node.unresolved === undefined || typeof node.value !== "string") return undefined;
  const withoutVariables = node.value.replace(/\$\{[^}]*\}|\$\w+/g, "");
  const name = withoutVariables
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "")
    .replace(/^\/+/, "");
  return parseImageReference(name)?.repository;
}
