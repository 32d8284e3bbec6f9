import { defaulted, type Fact, knownValue, stated, unknown, unstated } from "../../../../facts/fact.ts";
import { parseImageReference } from "../../../../facts/image-reference.ts";
import type { Image, ImageReference } from "../../../../facts/subjects.ts";
import { asText, type Fields } from "../../../../formats/fields.ts";
import type { TreeNode } from "../../../../formats/tree.ts";
import type { PodContainer, PodContext } from "./context.ts";

/** The image of one container. Without a policy the kubelet pulls `latest` each time and any other tag once. */
export function readImage({ cluster }: PodContext, { fields, ref, place }: PodContainer): Image {
  const node = fields.node("image");
  const reference = readReference(fields);
  const likely = likelyRepository(node);
  return {
    kind: "image",
    ref: { ...ref, kind: "image" },
    lens: cluster.lens,
    platform: "kubernetes",
    place: node?.place ?? place,
    usedBy: ref,
    reference,
    built: false,
    ...(likely === undefined ? {} : { likelyRepository: likely }),
    pullPolicy: fields.fact("imagePullPolicy", asText, "a text", (at) =>
      defaulted(usualPolicy(reference), "platform", at),
    ),
  };
}

function readReference(fields: Fields): Fact<ImageReference> {
  const text = fields.fact("image", asText, "a text", unstated);
  if (text.kind !== "stated") return text.kind === "unknown" ? text : unstated(text.place);
  // Source: ko.build, "Kubernetes integration": the import path of a program, which ko builds and puts an image in its place.
  if (/^ko:\/\//.test(text.value)) return unknown("ko builds it, and names it, when it is deployed", text.place);
  const reference = parseImageReference(text.value.trim());
  return reference === undefined ? unknown("`image` is no image reference", text.place) : stated(reference, text.place);
}

function usualPolicy(reference: Fact<ImageReference>): string {
  const known = knownValue(reference);
  if (known === undefined || known.digest !== undefined) return "IfNotPresent";
  return known.tag === undefined || known.tag === "latest" ? "Always" : "IfNotPresent";
}

/** `library/postgres` for `postgres:${TAG}`: what is left when the unresolved tag or digest is taken off. */
function likelyRepository(node: TreeNode | undefined): string | undefined {
  if (node?.kind !== "scalar" || typeof node.value !== "string" || !node.value.includes("$")) return undefined;
  const name = node.value
    .replace(/\$\{[^}]*\}|\$\w+/g, "")
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "")
    .replace(/^\/+/, "");
  return parseImageReference(name)?.repository;
}
