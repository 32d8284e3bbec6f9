import { knownValue } from "../../facts/fact.ts";
import type { Image } from "../../facts/subjects.ts";
import type { JudgementExtras } from "../judge.ts";

const raised = "Renovate and Dependabot raise it";

/** What mends an image that a build or a pipeline fetches, where that is written otherwise than for one that runs. */
export function extrasOf(image: Image, version: "tag" | "digest"): JudgementExtras {
  const key =
    image.usedBy.kind === "repository-file" ? "FROM " : image.usedBy.kind === "pipeline" ? "image: " : undefined;
  if (key === undefined) return {};
  const text = knownValue(image.reference)?.text ?? "NAME";
  if (version === "digest") {
    const found = `with the digest that \`docker buildx imagetools inspect ${text}\` prints`;
    return { remedy: `Write \`${key}${text}@sha256:…\` ${found}; ${raised} with the tag.` };
  }
  const name = text.replace(/:[^/]*$/, "");
  return {
    remedy: `Name the version, \`${key}${name}:VERSION\`, and raise it on purpose: ${raised} by pull requests.`,
  };
}

/** An image that cannot be told before somebody builds is no more than worth knowing; one that runs is. */
export function unknownExtras({ usedBy }: Image): JudgementExtras {
  return usedBy.kind === "container" ? {} : { severity: "info" };
}
