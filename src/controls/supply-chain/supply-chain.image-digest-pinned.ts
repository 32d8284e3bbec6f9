/**
 * A version's tag can be moved to another image; a digest cannot.
 *
 * Reads:  image.reference, image.built
 * Passes: the image has a digest.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { extrasOf } from "../knowledge/fetched.ts";
import { isMovingTag } from "../knowledge/tags.ts";

export const imageDigestPinned = defineControl({
  id: "supply-chain.image-digest-pinned",
  on: "image",
  severity: "low",
  title: "Images are pinned by digest",
  claim: "Every image is pinned by its digest.",
  threat:
    "Whoever gets hold of a publisher's account moves the tag to an image of their own, and the next pull runs it.",
  remedy:
    "`ringwall pin` resolves the tags on your machine; in a file write `image: caddy:2.11.4@sha256:…` with the digest that `docker buildx imagetools inspect caddy:2.11.4` prints.",
  remedies: {
    incus:
      'Write the digest behind the name: `image = "docker:library/caddy@sha256:…"`; `skopeo inspect docker://docker.io/library/caddy:2.11.4` prints it.',
  },
  judged:
    "Fails when a version is named without a digest. One with no version is left to supply-chain.image-tag-pinned, and in a declaration it is a task that `ringwall plan` lists.",
  frameworks: {
    cisDocker: ["4.5", "4.12"],
    owaspDocker: ["D08"],
    nsaKubernetes: ["trusted-registries"],
    nistCsf: ["GV.SC-07"],
    coverage: ["V3"],
  },
  exposureMatters: false,

  check(image) {
    const { reference } = image;
    if (reference.kind === "unknown")
      return cannotTell("the image", reference.why, { place: reference.place, severity: "info" });
    if (image.built) return notApplicable("it is built from files here");
    if (reference.kind === "unstated") return cannotTell("the image", "none is stated");
    const { text, tag, digest } = reference.value;
    if (digest !== undefined) return pass(`${text} names a digest`, reference.place);
    if (image.lens === "declared")
      return notApplicable("`ringwall plan` lists it until `ringwall pin` has found the digest");
    if (isMovingTag(tag)) return notApplicable("supply-chain.image-tag-pinned reports it");
    return fail(`the image ${text} has no digest`, { place: reference.place, ...extrasOf(image, "digest") });
  },
});
