import type { Image } from "../../facts/subjects.ts";
import type { JudgementExtras } from "../judge.ts";

/** What is said of an image that a build or a pipeline fetches, where that differs from one that a container runs. */
export function extrasOf({ usedBy }: Image, version: "tag" | "digest"): JudgementExtras {
  const suffix =
    version === "digest"
      ? "@sha256:…` with the digest that `docker buildx imagetools inspect node:24.11.1` prints."
      : "`, and raise it on purpose.";
  switch (usedBy.kind) {
    case "container":
      return {};
    case "repository-file":
      return { remedy: `Write \`FROM node:24.11.1${suffix} Renovate and Dependabot raise both.` };
    case "pipeline":
      return { remedy: `Write \`image: node:24.11.1${suffix} Renovate and Dependabot raise both.` };
  }
}

/** An image that cannot be told before somebody builds is no more than worth knowing; one that runs is. */
export function unknownExtras({ usedBy }: Image): JudgementExtras {
  return usedBy.kind === "container" ? {} : { severity: "info" };
}
