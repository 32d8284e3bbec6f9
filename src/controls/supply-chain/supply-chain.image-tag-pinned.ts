/**
 * A tag that moves makes every start a surprise.
 *
 * Reads:  image.reference, image.built
 * Passes: the image has a digest, or a tag that is no moving word.
 */
import { defineControl } from "../define.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";
import { extrasOf, unknownExtras } from "../knowledge/fetched.ts";
import { isMovingTag } from "../knowledge/tags.ts";

export const imageTagPinned = defineControl({
  id: "supply-chain.image-tag-pinned",
  on: "image",
  severity: "medium",
  title: "Images name a version",
  claim: "Every image names a version or a digest, never a tag that moves.",
  threat:
    "With `latest` or no tag nobody knows what runs, what changed, or what to go back to; a hijacked release is pulled at the next restart.",
  remedy: "Name the version that runs now, for example `image: caddy:2.11.4`, and raise it on purpose.",
  remedies: {
    incus:
      'Name the version that runs now, for example `image = "docker:library/caddy:2.11.4"`, and raise it on purpose.',
  },
  judged:
    "Fails without a tag, which means `latest`, and for words that publishers move (`latest`, `stable`, `nightly`, `main`, `lts`, `alpine`, …). A digest passes. Unknown when the tag is a variable without a value.",
  limits: "A version's tag can be moved too: supply-chain.image-digest-pinned asks for the digest.",
  frameworks: {
    cisDocker: ["4.2", "5.28"],
    owaspDocker: ["D02", "D08"],
    nsaKubernetes: ["trusted-registries"],
    nistCsf: ["GV.SC-07"],
    coverage: ["V3"],
  },
  exposureMatters: false,

  check(image) {
    const { reference } = image;
    if (reference.kind === "unknown")
      return cannotTell("the image", reference.why, { place: reference.place, ...unknownExtras(image) });
    if (image.built) return notApplicable("it is built from files here");
    if (reference.kind === "unstated") return cannotTell("the image", "none is stated");
    const { text, tag, digest } = reference.value;
    if (digest !== undefined) return pass(`${text} names a digest`, reference.place);
    const place = { place: reference.place, ...extrasOf(image, "tag") };
    if (tag === undefined) return fail(`the image ${text} has no tag, which means latest`, place);
    if (isMovingTag(tag)) return fail(`the image ${text} has the tag ${tag}, which moves`, place);
    return pass(`${text} names a version`, reference.place);
  },
});
