/**
 * Pulling a moving tag at each start runs what nobody has looked at.
 *
 * Reads:  image.pullPolicy, image.reference, image.built
 * Passes: what is pulled by itself is pinned.
 */

import { defineControl } from "../define.ts";
import { wordAt } from "../fix.ts";
import { cannotTell, fail, notApplicable, pass } from "../judge.ts";

const pullsByItself = /^(?:always|daily|weekly|every_.+|refresh)$/i;

export const pullReviewed = defineControl({
  id: "supply-chain.pull-reviewed",
  on: "image",
  platforms: ["compose", "incus"],
  severity: "low",
  title: "Nothing new is pulled by itself",
  claim: "No image without a digest is pulled by itself.",
  threat: "A restart in the night brings a new release, or a hijacked one, without anybody having decided.",
  remedy: "Remove `pull_policy: always` (or `daily`, `weekly`), or pin the image by digest.",
  judged:
    "Fails when the pull policy asks for a newer image and the image has no digest. No policy passes: Compose pulls what is missing only. Not judged on Kubernetes, where pulling each time is advised, so that the node's cache gives no image to those who may not pull it.",
  frameworks: { owaspDocker: ["D02", "D08"], nistCsf: ["GV.SC-07"], coverage: ["V3"] },
  exposureMatters: false,
  fix: {
    changesBehaviour: "`docker compose up` starts the image that is there; a new one comes with `docker compose pull`.",
    onlyNamed: true,
    edits: ({ platform, pullPolicy }, _system, judgement) =>
      platform === "compose" && pullPolicy.kind === "stated"
        ? wordAt(judgement, "always|daily|weekly|every_\\w+|refresh", "missing")
        : undefined,
  },

  check(image) {
    const { pullPolicy, reference } = image;
    if (pullPolicy.kind === "unknown")
      return cannotTell("the pull policy", pullPolicy.why, { place: pullPolicy.place });
    if (image.built) return notApplicable("it is built from files here");
    if (pullPolicy.kind === "unstated" || !pullsByItself.test(pullPolicy.value)) {
      return pass("it is pulled only when it is missing", pullPolicy.place);
    }
    if (reference.kind === "unknown") return cannotTell("the image", reference.why, { place: reference.place });
    if (reference.kind !== "unstated" && reference.value.digest !== undefined)
      return pass("the image has a digest", reference.place);
    return fail(`the pull policy is ${pullPolicy.value}, and the image has no digest`, { place: pullPolicy.place });
  },
});
